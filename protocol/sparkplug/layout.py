"""The published layout of a Sparkplug B payload, as a table of our own, and the message classes made from it.

A row is a field: its number, its name and what it holds. Numbers and kinds are what travels; the names
are those of the specification, so that whoever reads both finds them again.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "org.eclipse.tahu.protobuf"
_Field = descriptor_pb2.FieldDescriptorProto
_KINDS = {
    "uint32": _Field.TYPE_UINT32,
    "uint64": _Field.TYPE_UINT64,
    "float": _Field.TYPE_FLOAT,
    "double": _Field.TYPE_DOUBLE,
    "bool": _Field.TYPE_BOOL,
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
}
_SIMPLE = (
    "int_value uint32 | long_value uint64 | float_value float | double_value double | boolean_value bool"
)

LAYOUT = {
    "Payload": """
        1 timestamp uint64
        2 metrics *Payload.Metric
        3 seq uint64
        4 uuid string
        5 body bytes
    """,
    "Payload.Metric": f"""
        1 name string
        2 alias uint64
        3 timestamp uint64
        4 datatype uint32
        5 is_historical bool
        6 is_transient bool
        7 is_null bool
        8 metadata Payload.MetaData
        9 properties Payload.PropertySet
        10 {_SIMPLE} | string_value string | bytes_value bytes | dataset_value Payload.DataSet \
            | template_value Payload.Template
    """,
    "Payload.MetaData": """
        1 is_multi_part bool
        2 content_type string
        3 size uint64
        4 seq uint64
        5 file_name string
        6 file_type string
        7 md5 string
        8 description string
    """,
    "Payload.PropertySet": """
        1 keys *string
        2 values *Payload.PropertyValue
    """,
    "Payload.PropertyValue": f"""
        1 type uint32
        2 is_null bool
        3 {_SIMPLE} | string_value string | propertyset_value Payload.PropertySet \
            | propertysets_value Payload.PropertySetList
    """,
    "Payload.PropertySetList": """
        1 propertyset *Payload.PropertySet
    """,
    "Payload.DataSet": """
        1 num_of_columns uint64
        2 columns *string
        3 types *uint32
        4 rows *Payload.DataSet.Row
    """,
    "Payload.DataSet.Row": """
        1 elements *Payload.DataSet.DataSetValue
    """,
    "Payload.DataSet.DataSetValue": f"""
        1 {_SIMPLE} | string_value string
    """,
    "Payload.Template": """
        1 version string
        2 metrics *Payload.Metric
        3 parameters *Payload.Template.Parameter
        4 template_ref string
        5 is_definition bool
    """,
    "Payload.Template.Parameter": f"""
        1 name string
        2 type uint32
        3 {_SIMPLE} | string_value string
    """,
}
"""Fields by message: number, name, kind; `*` for several; of alternatives joined by `|` one is there at most,
and their numbers go up one by one."""


def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(
        name="sparkplug_b_payload.proto", package=_PACKAGE, syntax="proto2"
    )
    messages: dict[str, Any] = {}
    for path in LAYOUT:
        above, _, name = path.rpartition(".")
        message = messages[above].nested_type.add() if above else file.message_type.add()
        message.name = name
        messages[path] = message
    for path, rows in LAYOUT.items():
        for row in rows.strip().splitlines():
            number, _, rest = row.strip().partition(" ")
            choices = [one.split() for one in rest.split("|")]
            if len(choices) > 1:
                messages[path].oneof_decl.add(name="value")
            for place, (name, kind) in enumerate(choices):
                _add_field(messages[path], int(number) + place, name, kind, one_of=len(choices) > 1)
    # A pool of its own: another program in this process may have described the same messages.
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _add_field(message: Any, number: int, name: str, kind: str, *, one_of: bool) -> None:
    field = message.field.add(name=name, number=number, label=_Field.LABEL_OPTIONAL)
    if kind.startswith("*"):
        field.label, kind = _Field.LABEL_REPEATED, kind[1:]
    if kind in _KINDS:
        field.type = _KINDS[kind]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    if one_of:
        field.oneof_index = 0


def _message_class() -> Any:
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{_PACKAGE}.Payload"))


PayloadMessage = _message_class()
"""The class of a payload; its attributes are the fields of the table."""
