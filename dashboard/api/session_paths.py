"""The path by which an operator signs in and out, where commands need the password."""

from dashboard.api.operation import Operation, answer
from dashboard.api.schema import FLAG, TEXT, Schema, record, ref, said

SESSION_SCHEMAS: dict[str, Schema] = {
    "SignIn": record({"password": TEXT}),
    "Session": record(
        {
            "password": said(FLAG, "Whether commands need the operator's password here"),
            "signed_in": said(FLAG, "Whether this browser has signed in"),
        }
    ),
}
_TOLD = {"200": answer("Whether commands need a password, and who asks has signed in", {
    "application/json": ref("Session"),
})}  # fmt: skip
_NO_PARAMETERS = {"400": answer("There is no such parameter", {"application/json": ref("Error")})}
_ERRORS = {
    "401": "It is not the operator's password",
    "403": "The request came from another page's origin, or no password has been set",
    "413": "It is too long",
    "415": "It is not JSON",
    "429": "Too many wrong ones of late; Retry-After says how long to wait",
}
SESSION: Operation = {
    "get": {
        "operationId": "session",
        "summary": "Whether commands need the operator's password, and whether this browser has said it",
        "parameters": [],
        "responses": _TOLD | _NO_PARAMETERS,
    },
    "post": {
        "operationId": "signIn",
        "summary": "Sign in: a browser keeps a cookie that no script can read. Programs say the password "
        "with each command instead, as user `operator` by HTTP's basic scheme",
        "parameters": [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("SignIn")}}},
        "responses": {
            **_TOLD,
            "400": answer(
                "No password is said, or there is no such parameter",
                {"application/json": {"anyOf": [ref("Unreadable"), ref("Error")]}},
            ),
            **{
                status: answer(words, {"application/json": ref("Unreadable")})
                for status, words in _ERRORS.items()
            },
        },
    },
    "delete": {
        "operationId": "signOut",
        "summary": "Sign out",
        "parameters": [],
        "responses": _TOLD | _NO_PARAMETERS,
    },
}
