"""A real CAS server for the stories of the single sign-on: django-cas-server, as a university would run it.

Usage: run_cas.py FOLDER PORT PEOPLE, where PEOPLE is JSON: a list of [user name, 学号 or 工号, password]. The database
lies in FOLDER, so that a server that was stopped goes on where it was.
"""

import json
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, re_path

folder, port, people = sys.argv[1:]

settings.configure(
    # Serves its style sheets by itself.
    DEBUG=True,
    ALLOWED_HOSTS=["localhost"],
    SECRET_KEY="for the stories only",
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/cas.sqlite"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "cas_server",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    LANGUAGE_CODE="zh-hans",
    TIME_ZONE="Asia/Shanghai",
    USE_TZ=True,
    STATIC_URL="/static/",
    # Nothing is fetched from elsewhere.
    CAS_NEW_VERSION_HTML_WARNING=False,
    CAS_NEW_VERSION_EMAIL_WARNING=False,
    CAS_COMPONENT_URLS={},
)
django.setup()

urlpatterns = [re_path("^cas/", include("cas_server.urls", namespace="cas_server"))]

call_command("migrate", verbosity=0)

from cas_server.models import ReplaceAttributName, ServicePattern  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402

# What the office registers for this system; docs/sso.md says so.
pattern, _ = ServicePattern.objects.get_or_create(
    name="qihang",
    defaults={"pos": 1, "pattern": r"^http://127\.0\.0\.1:\d+/sign-in/cas$", "single_log_out": True},
)
ReplaceAttributName.objects.get_or_create(name="last_name", replace="xgh", service_pattern=pattern)
for name, number, password in json.loads(people):
    if not User.objects.filter(username=name).exists():
        User.objects.create_user(name, password=password, last_name=number)

call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, verbosity=0)
