"""The pages of applicants, below their language."""

from django.urls import path

from questionnaire.views import apply, links, own

app_name = "questionnaire"

urlpatterns = [
    path("events/<slug:slug>/questionnaire/", apply.begin, name="begin"),
    path("events/<slug:slug>/questionnaire/<int:number>/", apply.page, name="page"),
    path("application/", own.overview, name="application"),
    path("application/review/", apply.review, name="review"),
    path("application/submit/", apply.submit, name="submit"),
    path("application/offer/", own.offer, name="offer"),
    path("application/withdraw/", own.withdraw, name="withdraw"),
    path("application/participation/", own.participation, name="participation"),
    path("application/letters/<int:pk>/", own.letter, name="letter"),
    path("application/leave/", own.leave, name="leave"),
    path("application/link/", links.request_link, name="request-link"),
    path("application/link/<str:token>/", links.link, name="link"),
]
