"""The composition root: the only place that knows everything. Settings in, a running server out.

`values` reads the settings, `foundation` builds what every role needs, `roles` runs them, `http` puts the API before it.
"""

from tiercel.app.foundation import LEAST_FREE_DISK
from tiercel.app.http import application
from tiercel.app.roles import Running, running
from tiercel.app.values import dsn_of, is_loopback, without_password

__all__ = ["LEAST_FREE_DISK", "Running", "application", "dsn_of", "is_loopback", "running", "without_password"]
