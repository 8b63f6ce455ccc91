"""The addresses that the project itself answers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

pytestmark = pytest.mark.django_db


def test_browsers_find_an_icon_where_they_look_for_one(client):
    response = client.get("/favicon.ico", follow=False)
    assert (response.status_code, response["Location"]) == (302, "/static/catalog/icon.svg")


def test_pages_forbid_inline_scripts_frames_and_plugins(client):
    policy = client.get("/")["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy


def test_a_picture_of_the_shop_is_served_and_nothing_beside_the_folder(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (settings.MEDIA_ROOT / "probe.txt").write_text("here", encoding="ascii")
    assert b"".join(client.get("/media/probe.txt").streaming_content) == b"here"
    assert client.get("/media/../secret_key").status_code == 400
    assert client.get(f"/media/{'x' * 300}").status_code == 404


def test_an_upload_beyond_all_limits_is_refused_before_it_is_read(client, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    response = client.post("/accounts/login/", {"file": SimpleUploadedFile("a.jpg", b"x" * 2000)})
    assert response.status_code in (400, 413)


def test_the_language_is_chosen_and_kept(client):
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    assert client.get("/")["Content-Language"] == "zh-hans"


def test_a_number_beyond_64_bits_in_a_form_is_the_senders_fault(admin_client):
    answer = admin_client.post("/admin/auth/group/add/", {"name": "x", "permissions": "9" * 400})
    assert answer.status_code in (200, 400)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
