"""The pages of applicants, below their language."""

from django.urls import path

from questionnaire.views import (
    apply,
    checking,
    data,
    files,
    links,
    own,
    participation,
    reminders,
    replacing,
    taking_part,
)

app_name = "questionnaire"

urlpatterns = [
    path("events/<slug:slug>/questionnaire/", apply.begin, name="begin"),
    path("events/<slug:slug>/questionnaire/<int:number>/", apply.page, name="page"),
    path("events/<slug:slug>/questionnaire/<int:number>/autosave/", apply.autosave, name="autosave"),
    path("application/", own.overview, name="application"),
    path("application/review/", checking.review, name="review"),
    path("application/submit/", checking.submit, name="submit"),
    path("application/offer/", own.offer, name="offer"),
    path("application/withdraw/", own.withdraw, name="withdraw"),
    path("application/participation/", participation.page, name="participation"),
    path("application/participation/join/", participation.join, name="join"),
    path("application/participation/colleague/", replacing.page, name="replacement"),
    path("application/participation/materials/<int:pk>/", taking_part.material, name="material"),
    path("application/participation/feed/", taking_part.change_feed, name="change-feed"),
    path("application/participation/feedback/", taking_part.give_feedback, name="feedback"),
    path("application/participation/certificate/", taking_part.certificate, name="certificate"),
    path("application/feed/<str:signed>/agenda.ics", taking_part.calendar_feed, name="feed"),
    path("certificates/<str:code>/", taking_part.verify_certificate, name="verify-certificate"),
    path("application/letters/<int:pk>/", own.letter, name="letter"),
    path("application/data/", data.overview, name="data"),
    path("application/data/download/", data.download, name="data-download"),
    path("application/data/erase/", data.erase, name="data-erase"),
    path("application/files/<str:public_id>/", files.download, name="file"),
    path("application/reminders/<str:signed>/", reminders.stop, name="stop-reminders"),
    path("application/leave/", own.leave, name="leave"),
    path("application/link/", links.request_link, name="request-link"),
    path("application/link/<str:token>/", links.link, name="link"),
]
