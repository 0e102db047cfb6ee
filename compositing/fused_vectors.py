"""Sixteen numbers at a time between arrays, for kernels whose loops are too short for the compiler's own vectors.

In a loop over several arrays the compiler must first ask whether they overlap, which for sixteen turns it holds to be
dearer than going one by one. These say outright what is meant; LLVM makes them for whatever vectors a processor has.
Nothing is checked: the caller sees to it that all sixteen (or, of pairs, all thirty-two) are there.
"""

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

LANES, FEW = 16, 4
_EVEN, _ODD = range(0, 2 * LANES, 2), range(1, 2 * LANES, 2)


def _place(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    """A pointer to element `at` of an array."""
    return builder.gep(make_array(kind)(context, builder, array).data, [at])


def _load(builder: Any, place: Any, count: int, kind: Any) -> Any:
    many = ir.VectorType(place.type.pointee, count)
    return builder.load(builder.bitcast(place, many.as_pointer()), align=kind.dtype.bitwidth // 8)


def _store(builder: Any, value: Any, place: Any, kind: Any) -> None:
    builder.store(value, builder.bitcast(place, value.type.as_pointer()), align=kind.dtype.bitwidth // 8)


def _mask(order: Any) -> Any:
    order = list(order)
    return ir.Constant(ir.VectorType(ir.IntType(32), len(order)), order)


def _as_floats(builder: Any, value: Any, kind: Any) -> Any:
    floats = ir.VectorType(ir.FloatType(), value.type.count)
    if isinstance(kind.dtype, types.Float):
        return value
    return builder.sitofp(value, floats) if kind.dtype.signed else builder.uitofp(value, floats)


def _as(builder: Any, value: Any, kind: Any, given: Any) -> Any:
    """int32 or float32 as smaller integers, which they must fit."""
    target = ir.VectorType(ir.IntType(kind.dtype.bitwidth), value.type.count)
    if isinstance(given.dtype, types.Float):
        value = builder.fptosi(value, ir.VectorType(ir.IntType(32), value.type.count))
    return builder.trunc(value, target)


def _taken(typingctx, line, at, work, to):  # type: ignore[no-untyped-def]
    def made(context, builder, signature, args):  # type: ignore[no-untyped-def]
        value = _load(builder, _place(context, builder, line, args[0], args[1]), LANES, line)
        _store(builder, _as_floats(builder, value, line), _place(context, builder, work, args[2], args[3]), work)
        return context.get_dummy_value()

    return types.void(line, at, work, to), made


def _taken_apart(typingctx, line, at, work, to):  # type: ignore[no-untyped-def]
    def made(context, builder, signature, args):  # type: ignore[no-untyped-def]
        value = _load(builder, _place(context, builder, line, args[0], args[1]), 2 * LANES, line)
        value = builder.shuffle_vector(value, value, _mask([*_EVEN, *_ODD]))
        _store(builder, _as_floats(builder, value, line), _place(context, builder, work, args[2], args[3]), work)
        return context.get_dummy_value()

    return types.void(line, at, work, to), made


def _putting(count: int, woven: bool) -> Any:
    order = _mask([half + k for k in range(count) for half in (0, LANES)] if woven else range(count))

    def put(typingctx, work, at, line, to):  # type: ignore[no-untyped-def]
        def made(context, builder, signature, args):  # type: ignore[no-untyped-def]
            place = _place(context, builder, work, args[0], args[1])
            value = _load(builder, place, LANES + count if woven else count, work)
            value = builder.shuffle_vector(value, value, order)
            _store(builder, _as(builder, value, line, work), _place(context, builder, line, args[2], args[3]), line)
            return context.get_dummy_value()

        return types.void(work, at, line, to), made

    return intrinsic(put)


# work[to : to + 16] (float32) = line[at : at + 16], integers or float32
taken: Any = intrinsic(_taken)
# work[to : to + 16] (float32) = line[at : at + 32 : 2], and the sixteen after those the numbers between
taken_apart: Any = intrinsic(_taken_apart)
# line[to : to + 16] (integers) = work[at : at + 16] (int32 or float32, rounded towards 0); and of four alone
put, put_few = _putting(LANES, False), _putting(FEW, False)
# line[to : to + 32] = by turns one of work[at : at + 16] and one of the sixteen after those; and of four each
put_together, put_few_together = _putting(LANES, True), _putting(FEW, True)
