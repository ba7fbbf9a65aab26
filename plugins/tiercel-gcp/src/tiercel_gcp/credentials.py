"""Who asks Google Cloud, and for which project. Google's own library is imported here at first use."""

import json
from typing import Any, TypeVar

from tiercel.sdk import Output, Secret, Task, TaskFailed

OutputT = TypeVar("OutputT", bound=Output)


class GoogleTask(Task[OutputT]):
    """Credentials of a Google Cloud task; what is left out comes from the application default credentials."""

    project_id: str | None = None
    """Project that the work is done in and billed to; the credentials' project unless said."""
    service_account: Secret | None = None
    """Key of a service account, as JSON text; the application default credentials unless said."""
    impersonated_service_account: str | None = None
    """Address of a service account to act as; the credentials must be allowed to."""
    scopes: list[str] = ["https://www.googleapis.com/auth/cloud-platform"]
    """What the credentials may be used for."""

    def credentials(self) -> tuple[Any, str | None]:
        """Credentials and the project they belong to. Blocking."""
        found, project = self._default() if self.service_account is None else self._of_key(self.service_account)
        return (self._impersonated(found) if self.impersonated_service_account else found), project

    def _of_key(self, secret: Secret) -> tuple[Any, str | None]:
        from google.oauth2 import service_account

        maker: Any = service_account.Credentials
        key = _key(secret.get_secret_value())
        try:
            return maker.from_service_account_info(key, scopes=self.scopes), key.get("project_id")
        except ValueError as error:
            raise TaskFailed(f"serviceAccount is not the key of a service account: {error}") from error

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


def _key(text: str) -> dict[str, Any]:
    """The key as data. The text itself is a secret: no error may quote it."""
    try:
        key: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise TaskFailed(f"serviceAccount is not the JSON key of a service account: {error}") from None
    if not isinstance(key, dict):
        raise TaskFailed("serviceAccount is not the JSON key of a service account: it holds no object")
    return key  # pyright: ignore[reportUnknownVariableType]
