"""What gunicorn runs: `gunicorn immunosep.web.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immunosep.web.settings")
application = get_wsgi_application()
