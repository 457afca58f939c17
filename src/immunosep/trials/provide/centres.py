"""PROVIDE ran at 14 centres in Greece; the sources read do not name them, so none is listed."""

from immunosep.protocol.centres import Centre

CENTRES: tuple[Centre, ...] = ()
