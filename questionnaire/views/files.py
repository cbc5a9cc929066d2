"""Files of applicants on their way out: as downloads alone, never as pages of this site."""

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from questionnaire.models import Application, Upload
from questionnaire.views import access
from questionnaire.workflow import uploads


@never_cache
@require_safe
@access.for_applicants
def download(_request: HttpRequest, application: Application, public_id: str) -> HttpResponseBase:
    """Give an applicant a file of their own."""
    access.require_content(application)
    return response(get_object_or_404(application.uploads, public_id=public_id))


def response(upload: Upload) -> FileResponse:
    """Return a file as a download that no browser opens as part of the site. Raises `Http404` where it is gone."""
    try:
        content = uploads.content(upload)
    except FileNotFoundError:
        raise Http404 from None
    return as_download(
        FileResponse(content, as_attachment=True, filename=upload.name, content_type=upload.content_type)
    )


def as_download(answer: FileResponse) -> FileResponse:
    """Keep every browser from opening a file as part of the site."""
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
