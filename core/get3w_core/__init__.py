"""The runtime under every generated Get3W model client: one HTTP submit core.

Everything public is named here and loaded at first use, so that importing a model costs no more
than pydantic does, and httpx is loaded by the first call alone.
"""

# Type checkers look for the name; `typing` itself costs 9 ms. `bool` keeps jedi from taking the
# value as settled and the names below as out of reach.
TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from get3w_core._common.json import JsonValue as JsonValue
    from get3w_core._common.prediction_data import PredictionData as PredictionData
    from get3w_core._common.prediction_data import PredictionStatus as PredictionStatus
    from get3w_core._version import __version__ as __version__
    from get3w_core.api.account import BillingRecord as BillingRecord
    from get3w_core.api.account import Billings as Billings
    from get3w_core.api.account import ModelListing as ModelListing
    from get3w_core.api.account import Usage as Usage
    from get3w_core.api.account import UsageItem as UsageItem
    from get3w_core.api.download import Progress as Progress
    from get3w_core.bulk.aio import submit_all_async as submit_all_async
    from get3w_core.bulk.partial import partial_results as partial_results
    from get3w_core.bulk.sync import submit_all as submit_all
    from get3w_core.client.aio import AsyncClient as AsyncClient
    from get3w_core.client.confirm import confirm as confirm
    from get3w_core.client.confirm import confirm_async as confirm_async
    from get3w_core.client.default import default_async_client as default_async_client
    from get3w_core.client.default import default_client as default_client
    from get3w_core.client.default import reconcile as reconcile
    from get3w_core.client.default import reconcile_async as reconcile_async
    from get3w_core.client.default import set_default_client as set_default_client
    from get3w_core.client.default import submit as submit
    from get3w_core.client.default import submit_async as submit_async
    from get3w_core.client.many import as_completed as as_completed
    from get3w_core.client.many import wait_all as wait_all
    from get3w_core.client.many_aio import as_completed_async as as_completed_async
    from get3w_core.client.many_aio import wait_all_async as wait_all_async
    from get3w_core.client.prediction import AsyncPrediction as AsyncPrediction
    from get3w_core.client.prediction import Prediction as Prediction
    from get3w_core.client.session import AsyncClientLike as AsyncClientLike
    from get3w_core.client.session import ClientLike as ClientLike
    from get3w_core.client.sync import Client as Client
    from get3w_core.errors.api import APIError as APIError
    from get3w_core.errors.api import AuthenticationError as AuthenticationError
    from get3w_core.errors.api import BadRequestError as BadRequestError
    from get3w_core.errors.api import NotFoundError as NotFoundError
    from get3w_core.errors.api import PermissionDeniedError as PermissionDeniedError
    from get3w_core.errors.api import RateLimitError as RateLimitError
    from get3w_core.errors.api import ServerError as ServerError
    from get3w_core.errors.base import ClientClosedError as ClientClosedError
    from get3w_core.errors.base import ConfigurationError as ConfigurationError
    from get3w_core.errors.base import ConnectionFailedError as ConnectionFailedError
    from get3w_core.errors.base import FieldError as FieldError
    from get3w_core.errors.base import Get3WError as Get3WError
    from get3w_core.errors.base import LocalFileError as LocalFileError
    from get3w_core.errors.base import RequestValidationError as RequestValidationError
    from get3w_core.errors.base import ResponseFormatError as ResponseFormatError
    from get3w_core.errors.base import UnknownModelError as UnknownModelError
    from get3w_core.errors.task import AnyPrediction as AnyPrediction
    from get3w_core.errors.task import PredictionFailedError as PredictionFailedError
    from get3w_core.errors.task import WaitAllError as WaitAllError
    from get3w_core.errors.task import WaitTimeoutError as WaitTimeoutError
    from get3w_core.errors.webhook import WebhookDuplicateError as WebhookDuplicateError
    from get3w_core.errors.webhook import WebhookError as WebhookError
    from get3w_core.errors.webhook import WebhookVerificationError as WebhookVerificationError
    from get3w_core.facade import ModelEntry as ModelEntry
    from get3w_core.files.local import UploadInput as UploadInput
    from get3w_core.flow.events import Completed as Completed
    from get3w_core.flow.events import Event as Event
    from get3w_core.flow.events import Polled as Polled
    from get3w_core.flow.events import Retried as Retried
    from get3w_core.flow.events import SubmitFailed as SubmitFailed
    from get3w_core.flow.events import Submitted as Submitted
    from get3w_core.flow.options import OptionChanges as OptionChanges
    from get3w_core.flow.options import SurfaceName as SurfaceName
    from get3w_core.outputs.kinds import AnyOutput as AnyOutput
    from get3w_core.outputs.kinds import DataOutput as DataOutput
    from get3w_core.outputs.kinds import FileKind as FileKind
    from get3w_core.outputs.kinds import FileOutput as FileOutput
    from get3w_core.outputs.kinds import TextOutput as TextOutput
    from get3w_core.outputs.output import Output as Output
    from get3w_core.reconciling.results import Accepted as Accepted
    from get3w_core.reconciling.results import Ambiguous as Ambiguous
    from get3w_core.reconciling.results import NoEvidence as NoEvidence
    from get3w_core.reconciling.results import ReconcileReport as ReconcileReport
    from get3w_core.reconciling.results import Reconciliation as Reconciliation
    from get3w_core.reconciling.saved import SavedSubmission as SavedSubmission
    from get3w_core.reconciling.unknown import (
        SubmitOutcomeUnknownError as SubmitOutcomeUnknownError,
    )
    from get3w_core.request.base import ModelRequest as ModelRequest
    from get3w_core.request.base import RequestObject as RequestObject
    from get3w_core.request.check import validation_errors as validation_errors
    from get3w_core.request.conditions import Rule as Rule
    from get3w_core.request.model_info import ModelInfo as ModelInfo
    from get3w_core.request.values.server_defaults import server_default as server_default
    from get3w_core.request.values.types import AsyncHttpClient as AsyncHttpClient
    from get3w_core.request.values.types import Choice as Choice
    from get3w_core.request.values.types import Integer as Integer
    from get3w_core.request.values.types import Media as Media
    from get3w_core.request.values.types import MediaInput as MediaInput
    from get3w_core.request.values.types import MediaList as MediaList
    from get3w_core.request.values.types import MediaListInput as MediaListInput
    from get3w_core.request.values.types import Number as Number
    from get3w_core.request.values.types import Omittable as Omittable
    from get3w_core.request.values.types import SyncHttpClient as SyncHttpClient
    from get3w_core.request.values.types import TimeoutTypes as TimeoutTypes
    from get3w_core.request.values.types import WireName as WireName
    from get3w_core.webhooks.delivery import WebhookDelivery as WebhookDelivery
    from get3w_core.webhooks.delivery import parse_webhook as parse_webhook
    from get3w_core.webhooks.receiver import WebhookReceiver as WebhookReceiver
    from get3w_core.webhooks.replays import MemoryReplayStore as MemoryReplayStore
    from get3w_core.webhooks.replays import ReplayStore as ReplayStore
    from get3w_core.webhooks.signatures import SignatureScheme as SignatureScheme
    from get3w_core.webhooks.signatures import VerifiedDelivery as VerifiedDelivery
    from get3w_core.webhooks.signatures import WaveSpeedSignature as WaveSpeedSignature
    from get3w_core.webhooks.tokens import callback_url as callback_url
    from get3w_core.webhooks.tokens import check_callback as check_callback
else:
    _MODULES = {
        "_version": "__version__",
        "api.account": "BillingRecord Billings ModelListing Usage UsageItem",
        "errors.api": (
            "APIError AuthenticationError BadRequestError NotFoundError PermissionDeniedError "
            "RateLimitError ServerError"
        ),
        "bulk.aio": "submit_all_async",
        "bulk.partial": "partial_results",
        "bulk.sync": "submit_all",
        "client.aio": "AsyncClient",
        "client.session": "AsyncClientLike ClientLike",
        "client.sync": "Client",
        "client.confirm": "confirm confirm_async",
        "client.default": (
            "default_async_client default_client reconcile reconcile_async set_default_client "
            "submit submit_async"
        ),
        "api.download": "Progress",
        "errors.base": (
            "ClientClosedError ConfigurationError ConnectionFailedError FieldError Get3WError "
            "LocalFileError RequestValidationError ResponseFormatError UnknownModelError"
        ),
        "facade": "ModelEntry",
        "flow.events": "Completed Event Polled Retried SubmitFailed Submitted",
        "files.local": "UploadInput",
        "_common.json": "JsonValue",
        "client.many": "as_completed wait_all",
        "client.many_aio": "as_completed_async wait_all_async",
        "flow.options": "OptionChanges SurfaceName",
        "client.prediction": "AsyncPrediction Prediction",
        "_common.prediction_data": "PredictionData PredictionStatus",
        "outputs.kinds": "AnyOutput DataOutput FileKind FileOutput TextOutput",
        "outputs.output": "Output",
        "reconciling.results": "Accepted Ambiguous NoEvidence Reconciliation ReconcileReport",
        "reconciling.saved": "SavedSubmission",
        "reconciling.unknown": "SubmitOutcomeUnknownError",
        "request.base": "ModelRequest RequestObject",
        "request.check": "validation_errors",
        "request.model_info": "ModelInfo",
        "request.conditions": "Rule",
        "request.values.server_defaults": "server_default",
        "errors.task": "AnyPrediction PredictionFailedError WaitAllError WaitTimeoutError",
        "request.values.types": (
            "AsyncHttpClient Choice Integer Media MediaInput MediaList MediaListInput Number "
            "Omittable SyncHttpClient TimeoutTypes WireName"
        ),
        "errors.webhook": "WebhookDuplicateError WebhookError WebhookVerificationError",
        "webhooks.receiver": "WebhookReceiver",
        "webhooks.replays": "MemoryReplayStore ReplayStore",
        "webhooks.signatures": "SignatureScheme VerifiedDelivery WaveSpeedSignature",
        "webhooks.tokens": "callback_url check_callback",
        "webhooks.delivery": "WebhookDelivery parse_webhook",
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
