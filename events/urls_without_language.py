"""Addresses without a language: they answer in the one that the client asks for."""

from django.urls import path
from django.views.generic import RedirectView

from events import views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="events:index"), name="root"),
    path("events/<slug:slug>/agenda.ics", views.calendar_file, name="calendar"),
    path("events/<slug:slug>/schedule.json", views.schedule_file, name="schedule"),
]
