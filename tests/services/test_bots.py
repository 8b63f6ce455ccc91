import pytest
from django.test import RequestFactory

from recommender.services.bots import is_bot

BOTS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.0.0 Safari/537.36 (compatible; Monitor; https://up.example)",
    "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36 Chrome-Lighthouse",
]
LIBRARIES = ["python-requests/2.32.3", "curl/8.5.0", "Go-http-client/2.0", "okhttp/4.12.0", "Dart/3.4 (dart:io)"]
PEOPLE = [
    "",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.42 "
    "NetType/WIFI Language/zh_CN",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
    "Opera/9.80 (Android; Opera Mini/36.2/191.249; U; en) Presto/2.12.423 Version/12.16",
]


def request(agent, **headers):
    return RequestFactory().get("/", headers=({"User-Agent": agent} if agent else {}) | headers)


@pytest.mark.parametrize("agent", BOTS)
def test_who_says_to_be_a_bot_is_one_whatever_the_token(agent):
    assert is_bot(request(agent))
    assert is_bot(request(agent, **{"X-Visitor-Token": "x"}))


@pytest.mark.parametrize("agent", PEOPLE)
def test_browsers_are_people(agent):
    assert not is_bot(request(agent))


@pytest.mark.parametrize("agent", LIBRARIES)
def test_libraries_are_bots_unless_a_token_says_whose_app_it_is(agent):
    assert is_bot(request(agent))
    assert not is_bot(request(agent, **{"X-Visitor-Token": "x"}))
    assert not is_bot(request(agent, Authorization="Token x"))
