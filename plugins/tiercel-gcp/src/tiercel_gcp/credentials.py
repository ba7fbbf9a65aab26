"""Who asks Google Cloud, and for which project. Google's own library is imported here at first use."""

import json
from typing import Any, TypeVar

from tiercel.sdk import Output, Secret, Task, TaskFailed

OutputT = TypeVar("OutputT", bound=Output)


class GoogleTask(Task[OutputT]):
    """Credentials of a Google Cloud task; what is left out comes from the application default credentials."""

    project_id: str | None = None
    """Project that the work is billed to."""
    service_account: Secret | None = None
    """Key of a service account, as JSON text."""
    impersonated_service_account: str | None = None
    scopes: list[str] = ["https://www.googleapis.com/auth/cloud-platform"]

    def credentials(self) -> tuple[Any, str | None]:
        """Credentials and the project they belong to. Blocking."""
        found, project = self._service_account() if self.service_account else self._default()
        return (self._impersonated(found) if self.impersonated_service_account else found), project

    def _service_account(self) -> tuple[Any, str | None]:
        from google.oauth2 import service_account

        assert_text = self.service_account.get_secret_value() if self.service_account else ""
        try:
            key = json.loads(assert_text)
        except json.JSONDecodeError as error:
            raise TaskFailed(f"serviceAccount is not the JSON key of a service account: {error}") from error
        maker: Any = service_account.Credentials
        return maker.from_service_account_info(key, scopes=self.scopes), key.get("project_id")

    def _default(self) -> tuple[Any, str | None]:
        import google.auth
        from google.auth.exceptions import DefaultCredentialsError

        library: Any = google.auth
        try:
            return library.default(scopes=self.scopes)
        except DefaultCredentialsError as error:
            raise TaskFailed(
                f"no credentials for Google Cloud: set serviceAccount or GOOGLE_APPLICATION_CREDENTIALS ({error})"
            ) from error

    def _impersonated(self, source: Any) -> Any:
        from google.auth import impersonated_credentials

        maker: Any = impersonated_credentials.Credentials
        return maker(source, target_principal=self.impersonated_service_account, target_scopes=self.scopes)
