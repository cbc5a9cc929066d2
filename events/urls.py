"""The public pages, below their language."""

from django.urls import path

from events import views

app_name = "events"

urlpatterns = [
    path("", views.index, name="index"),
    path("events/<slug:slug>/", views.event_page, name="event"),
    path("events/<slug:slug>/agenda/", views.agenda_page, name="agenda"),
    path("events/<slug:slug>/agenda.ics", views.calendar_file, name="calendar"),
    path("events/<slug:slug>/schedule.json", views.schedule_file, name="schedule"),
    path("privacy/", views.statement, {"name": "privacy"}, name="privacy"),
    path("accessibility/", views.statement, {"name": "accessibility"}, name="accessibility"),
]
