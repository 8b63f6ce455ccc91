"""The admin is the shop's own: its name on every page, in both languages, the recommender's pages included."""

import pytest

PAGES = ["/admin/", "/admin/catalog/product/", "/admin/recommender/snapshot/overview/", "/admin/password_change/"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("language", "place"), [("en", "Back office"), ("zh-hans", "管理后台")])
def test_every_page_carries_the_shop_s_name_and_look(admin_client, path, language, place):
    page = admin_client.get(path, headers={"accept-language": language}).content.decode()
    assert f'Mobilum <span class="mark-place">{place}</span>' in page
    assert "· Mobilum</title>" in page
    assert "catalog/css/admin_site.css" in page
    assert "Django" not in page


def test_so_does_the_login(client, db):
    page = client.get("/admin/login/").content.decode()
    assert "· Mobilum</title>" in page
    assert "Django" not in page
