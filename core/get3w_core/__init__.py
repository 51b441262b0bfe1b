"""The runtime under every generated Get3W model client: one HTTP submit core.

Everything public is named here and loaded at first use, so that importing a model costs no more
than pydantic does, and httpx is loaded by the first call alone.
"""

TYPE_CHECKING = False  # the name is what type checkers look for; `typing` itself costs 9 ms
if TYPE_CHECKING:
    from get3w_core._version import __version__ as __version__
    from get3w_core.async_client import AsyncClient as AsyncClient
    from get3w_core.client import Client as Client
    from get3w_core.default import default_async_client as default_async_client
    from get3w_core.default import default_client as default_client
    from get3w_core.default import set_default_client as set_default_client
    from get3w_core.default import submit as submit
    from get3w_core.default import submit_async as submit_async
    from get3w_core.errors import APIError as APIError
    from get3w_core.errors import AuthenticationError as AuthenticationError
    from get3w_core.errors import BadRequestError as BadRequestError
    from get3w_core.errors import ClientClosedError as ClientClosedError
    from get3w_core.errors import ConfigurationError as ConfigurationError
    from get3w_core.errors import ConnectionFailedError as ConnectionFailedError
    from get3w_core.errors import FieldError as FieldError
    from get3w_core.errors import Get3WError as Get3WError
    from get3w_core.errors import LocalFileError as LocalFileError
    from get3w_core.errors import NotFoundError as NotFoundError
    from get3w_core.errors import PermissionDeniedError as PermissionDeniedError
    from get3w_core.errors import PredictionFailedError as PredictionFailedError
    from get3w_core.errors import RateLimitError as RateLimitError
    from get3w_core.errors import RequestValidationError as RequestValidationError
    from get3w_core.errors import ResponseFormatError as ResponseFormatError
    from get3w_core.errors import ServerError as ServerError
    from get3w_core.errors import SubmitOutcomeUnknownError as SubmitOutcomeUnknownError
    from get3w_core.errors import UnknownModelError as UnknownModelError
    from get3w_core.errors import WaitTimeoutError as WaitTimeoutError
    from get3w_core.prediction import AsyncPrediction as AsyncPrediction
    from get3w_core.prediction import Prediction as Prediction
    from get3w_core.request import ModelInfo as ModelInfo
    from get3w_core.request import ModelRequest as ModelRequest
    from get3w_core.request import RequestObject as RequestObject
    from get3w_core.request import server_default as server_default
    from get3w_core.request import validation_errors as validation_errors
    from get3w_core.rules import Rule as Rule
    from get3w_core.types import Choice as Choice
    from get3w_core.types import Integer as Integer
    from get3w_core.types import Media as Media
    from get3w_core.types import MediaInput as MediaInput
    from get3w_core.types import MediaList as MediaList
    from get3w_core.types import MediaListInput as MediaListInput
    from get3w_core.types import Number as Number
    from get3w_core.types import Omittable as Omittable
    from get3w_core.types import TimeoutTypes as TimeoutTypes
else:
    _MODULES = {
        "_version": "__version__",
        "async_client": "AsyncClient",
        "client": "Client",
        "default": ("default_async_client default_client set_default_client submit submit_async"),
        "errors": (
            "APIError AuthenticationError BadRequestError ClientClosedError ConfigurationError "
            "ConnectionFailedError FieldError Get3WError LocalFileError NotFoundError "
            "PermissionDeniedError PredictionFailedError RateLimitError RequestValidationError "
            "ResponseFormatError ServerError SubmitOutcomeUnknownError UnknownModelError "
            "WaitTimeoutError"
        ),
        "prediction": "AsyncPrediction Prediction",
        "request": "ModelInfo ModelRequest RequestObject server_default validation_errors",
        "rules": "Rule",
        "types": (
            "Choice Integer Media MediaInput MediaList MediaListInput Number Omittable TimeoutTypes"
        ),
    }
    _HOME = {name: module for module, names in _MODULES.items() for name in names.split()}
    __all__ = sorted(_HOME)

    def __getattr__(name):  # noqa: ANN001, ANN202
        """Load a public name from its module and keep it."""
        module = _HOME.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{module}"), name)
        globals()[name] = value
        return value

    def __dir__():  # noqa: ANN202
        return __all__
