"""The runtime under every generated Get3W model client: one HTTP submit core.

Everything public is named here and loaded at first use, so that importing a model costs no more
than pydantic does, and httpx is loaded by the first call alone.
"""

# Type checkers look for the name; `typing` itself costs 9 ms. `bool` keeps jedi from taking the
# value as settled and the names below as out of reach.
TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from get3w_core._version import __version__ as __version__
    from get3w_core.accounts import BillingRecord as BillingRecord
    from get3w_core.accounts import Billings as Billings
    from get3w_core.accounts import ModelListing as ModelListing
    from get3w_core.accounts import Usage as Usage
    from get3w_core.accounts import UsageItem as UsageItem
    from get3w_core.api_errors import APIError as APIError
    from get3w_core.api_errors import AuthenticationError as AuthenticationError
    from get3w_core.api_errors import BadRequestError as BadRequestError
    from get3w_core.api_errors import NotFoundError as NotFoundError
    from get3w_core.api_errors import PermissionDeniedError as PermissionDeniedError
    from get3w_core.api_errors import RateLimitError as RateLimitError
    from get3w_core.api_errors import ServerError as ServerError
    from get3w_core.async_client import AsyncClient as AsyncClient
    from get3w_core.client import Client as Client
    from get3w_core.default import default_async_client as default_async_client
    from get3w_core.default import default_client as default_client
    from get3w_core.default import reconcile as reconcile
    from get3w_core.default import reconcile_async as reconcile_async
    from get3w_core.default import set_default_client as set_default_client
    from get3w_core.default import submit as submit
    from get3w_core.default import submit_async as submit_async
    from get3w_core.downloading import Progress as Progress
    from get3w_core.errors import ClientClosedError as ClientClosedError
    from get3w_core.errors import ConfigurationError as ConfigurationError
    from get3w_core.errors import ConnectionFailedError as ConnectionFailedError
    from get3w_core.errors import FieldError as FieldError
    from get3w_core.errors import Get3WError as Get3WError
    from get3w_core.errors import LocalFileError as LocalFileError
    from get3w_core.errors import RequestValidationError as RequestValidationError
    from get3w_core.errors import ResponseFormatError as ResponseFormatError
    from get3w_core.errors import UnknownModelError as UnknownModelError
    from get3w_core.events import Completed as Completed
    from get3w_core.events import Event as Event
    from get3w_core.events import Polled as Polled
    from get3w_core.events import Retried as Retried
    from get3w_core.events import SubmitFailed as SubmitFailed
    from get3w_core.events import Submitted as Submitted
    from get3w_core.files import UploadInput as UploadInput
    from get3w_core.jsonvalue import JsonValue as JsonValue
    from get3w_core.many import as_completed as as_completed
    from get3w_core.many import wait_all as wait_all
    from get3w_core.many_async import as_completed_async as as_completed_async
    from get3w_core.many_async import wait_all_async as wait_all_async
    from get3w_core.options import OptionChanges as OptionChanges
    from get3w_core.options import SurfaceName as SurfaceName
    from get3w_core.prediction import AsyncPrediction as AsyncPrediction
    from get3w_core.prediction import Prediction as Prediction
    from get3w_core.prediction_data import PredictionData as PredictionData
    from get3w_core.reconciling.results import Accepted as Accepted
    from get3w_core.reconciling.results import Ambiguous as Ambiguous
    from get3w_core.reconciling.results import NoEvidence as NoEvidence
    from get3w_core.reconciling.results import ReconcileReport as ReconcileReport
    from get3w_core.reconciling.results import Reconciliation as Reconciliation
    from get3w_core.reconciling.saved import SavedSubmission as SavedSubmission
    from get3w_core.refusals import validation_errors as validation_errors
    from get3w_core.request import ModelInfo as ModelInfo
    from get3w_core.request import ModelRequest as ModelRequest
    from get3w_core.request import RequestObject as RequestObject
    from get3w_core.rules import Rule as Rule
    from get3w_core.server_defaults import server_default as server_default
    from get3w_core.task_errors import PredictionFailedError as PredictionFailedError
    from get3w_core.task_errors import SubmitOutcomeUnknownError as SubmitOutcomeUnknownError
    from get3w_core.task_errors import WaitAllError as WaitAllError
    from get3w_core.task_errors import WaitTimeoutError as WaitTimeoutError
    from get3w_core.types import AsyncHttpClient as AsyncHttpClient
    from get3w_core.types import Choice as Choice
    from get3w_core.types import Integer as Integer
    from get3w_core.types import Media as Media
    from get3w_core.types import MediaInput as MediaInput
    from get3w_core.types import MediaList as MediaList
    from get3w_core.types import MediaListInput as MediaListInput
    from get3w_core.types import Number as Number
    from get3w_core.types import Omittable as Omittable
    from get3w_core.types import SyncHttpClient as SyncHttpClient
    from get3w_core.types import TimeoutTypes as TimeoutTypes
    from get3w_core.types import WireName as WireName
    from get3w_core.webhook_errors import WebhookDuplicateError as WebhookDuplicateError
    from get3w_core.webhook_errors import WebhookError as WebhookError
    from get3w_core.webhook_errors import WebhookVerificationError as WebhookVerificationError
    from get3w_core.webhook_receiver import WebhookReceiver as WebhookReceiver
    from get3w_core.webhook_replays import MemoryReplayStore as MemoryReplayStore
    from get3w_core.webhook_replays import ReplayStore as ReplayStore
    from get3w_core.webhook_signatures import SignatureScheme as SignatureScheme
    from get3w_core.webhook_signatures import VerifiedDelivery as VerifiedDelivery
    from get3w_core.webhook_signatures import WaveSpeedSignature as WaveSpeedSignature
    from get3w_core.webhook_tokens import callback_url as callback_url
    from get3w_core.webhook_tokens import check_callback as check_callback
    from get3w_core.webhooks import WebhookDelivery as WebhookDelivery
    from get3w_core.webhooks import confirm as confirm
    from get3w_core.webhooks import confirm_async as confirm_async
    from get3w_core.webhooks import parse_webhook as parse_webhook
else:
    _MODULES = {
        "_version": "__version__",
        "accounts": "BillingRecord Billings ModelListing Usage UsageItem",
        "api_errors": (
            "APIError AuthenticationError BadRequestError NotFoundError PermissionDeniedError "
            "RateLimitError ServerError"
        ),
        "async_client": "AsyncClient",
        "client": "Client",
        "default": (
            "default_async_client default_client reconcile reconcile_async set_default_client "
            "submit submit_async"
        ),
        "downloading": "Progress",
        "errors": (
            "ClientClosedError ConfigurationError ConnectionFailedError FieldError Get3WError "
            "LocalFileError RequestValidationError ResponseFormatError UnknownModelError"
        ),
        "events": "Completed Event Polled Retried SubmitFailed Submitted",
        "files": "UploadInput",
        "jsonvalue": "JsonValue",
        "many": "as_completed wait_all",
        "many_async": "as_completed_async wait_all_async",
        "options": "OptionChanges SurfaceName",
        "prediction": "AsyncPrediction Prediction",
        "prediction_data": "PredictionData",
        "reconciling.results": "Accepted Ambiguous NoEvidence Reconciliation ReconcileReport",
        "reconciling.saved": "SavedSubmission",
        "refusals": "validation_errors",
        "request": "ModelInfo ModelRequest RequestObject",
        "rules": "Rule",
        "server_defaults": "server_default",
        "task_errors": (
            "PredictionFailedError SubmitOutcomeUnknownError WaitAllError WaitTimeoutError"
        ),
        "types": (
            "AsyncHttpClient Choice Integer Media MediaInput MediaList MediaListInput Number "
            "Omittable SyncHttpClient TimeoutTypes WireName"
        ),
        "webhook_errors": "WebhookDuplicateError WebhookError WebhookVerificationError",
        "webhook_receiver": "WebhookReceiver",
        "webhook_replays": "MemoryReplayStore ReplayStore",
        "webhook_signatures": "SignatureScheme VerifiedDelivery WaveSpeedSignature",
        "webhook_tokens": "callback_url check_callback",
        "webhooks": "WebhookDelivery confirm confirm_async parse_webhook",
    }
    _HOME = {name: module for module, names in _MODULES.items() for name in names.split()}
    __all__ = sorted(_HOME)

    def __getattr__(name):  # noqa: ANN001, ANN202 - no checker sees it
        """Load a public name from its module and keep it."""
        module = _HOME.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{module}"), name)
        globals()[name] = value
        return value

    def __dir__():  # noqa: ANN202 - as above
        return __all__
