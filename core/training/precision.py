"""Which floating-point format really runs, and a word where it is not the one asked for. Only child processes import this."""

from __future__ import annotations

import torch


def settle(asked: str, device: str) -> tuple[str, str]:
    """(fp32, bf16 or fp16; a notice or ""). "auto" takes half precision only on a CUDA card."""
    if device.startswith("cuda"):
        able = torch.cuda.is_bf16_supported(including_emulation=False)
        if asked == "auto":
            return ("bf16" if able else "fp16"), ""
        if asked == "bf16" and not able:
            return "fp16", "This graphics card has no bf16, so the run uses fp16."
        return asked, ""
    if asked == "fp16":
        return "fp32", "fp16 needs a CUDA graphics card, so the run uses fp32."
    if asked == "bf16" and device != "cpu":
        return "fp32", "bf16 needs a CUDA graphics card or a CPU, so the run uses fp32."
    return ("bf16" if asked == "bf16" else "fp32"), ""
