from django.apps import AppConfig


class EnrolmentConfig(AppConfig):
    name = "immunosep.web.enrolment"
    label = "enrolment"
