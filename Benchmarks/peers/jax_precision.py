"""In what precision JAX computes matrix products and convolutions; a process sets it once, before it traces.

    fp32   float32, also on a GPU
    tf32   a GPU's TF32
    bf16   operands and results bfloat16 with sums in float32; everything between products is float32
"""

import jax
import jax.numpy as jnp

_MATMUL_PRECISION = {"fp32": "highest", "tf32": "tensorfloat32", "bf16": "default"}
_operands = {"type": jnp.float32}


def use(precision: str) -> None:
    jax.config.update("jax_default_matmul_precision", _MATMUL_PRECISION[precision])
    _operands["type"] = jnp.bfloat16 if precision == "bf16" else jnp.float32


def narrowed(*operands):
    """Operands of a product, as the precision has them."""
    return tuple(operand.astype(_operands["type"]) for operand in operands)


def product(a, b):
    a, b = narrowed(a, b)
    return (a @ b).astype(jnp.float32)
