"""The page's style sheet: the product's palette, light on paper and on light screens, dark on dark ones."""

from __future__ import annotations

from core.report.palette import DARK, LIGHT

_SCREEN_DARK = "@media screen and (prefers-color-scheme: dark)"

_RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;color-scheme:light dark}
body{margin:0;background:var(--window);color:var(--text);font:14px/1.5 Inter,"Segoe UI","SF Pro Text","Helvetica Neue","Noto Sans",Arial,sans-serif;
font-variant-numeric:tabular-nums;font-feature-settings:"tnum"}
main{max-width:794px;margin:28px auto;padding:44px 52px 36px;background:var(--surface);border:1px solid var(--line);border-radius:10px}
header{border-bottom:1px solid var(--line);padding-bottom:18px;margin-bottom:22px}
h1{font-size:27px;line-height:1.2;letter-spacing:-.015em;font-weight:650;margin:0}
h1 .name{color:var(--secondary);font-weight:400}
header p{margin:8px 0 0;color:var(--secondary);font-size:12.5px}
header p span{white-space:nowrap}
header p span:not(:last-child)::after{content:" ·";margin-right:3px}
nav{margin:14px 0 0;font-size:12.5px}
nav a{color:var(--accent);text-decoration:none;margin-right:14px;white-space:nowrap}
nav a:hover{text-decoration:underline}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
section{margin:0 0 34px}
h2{font-size:17px;line-height:1.3;letter-spacing:-.005em;font-weight:650;margin:0 0 10px}
h3{font-size:13.5px;font-weight:650;margin:22px 0 6px}
p{margin:0 0 10px}
.secondary{color:var(--secondary)}
.warning{color:var(--warning)}
.error{color:var(--error)}
.positive{color:var(--positive)}
.negative{color:var(--negative)}
.anchor{color:var(--anchor)}
.verdict{border:1px solid var(--line);border-left:4px solid var(--line_strong);border-radius:6px;background:var(--raised);padding:13px 17px;margin:0 0 14px}
.verdict.positive{border-left-color:var(--positive)}
.verdict.negative{border-left-color:var(--negative)}
.verdict strong{display:block;font-size:16.5px;font-weight:650;margin-bottom:3px;color:var(--text)}
.verdict.positive strong{color:var(--positive)}
.verdict.negative strong{color:var(--negative)}
.verdict p{margin:0;color:var(--text)}
.tiles{display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:8px;margin:0 0 12px;padding:0;list-style:none}
.tiles li{border:1px solid var(--line);border-radius:6px;padding:9px 11px;min-width:0}
.tiles .label,.tiles .note{display:block;font-size:11px;line-height:1.35;color:var(--secondary)}
.tiles .value{display:block;font-size:19px;line-height:1.35;font-weight:650;letter-spacing:-.01em}
.tablebox{overflow-x:auto;margin:14px 0 16px}
table{border-collapse:collapse;width:100%;font-size:12.5px;line-height:1.4}
caption{text-align:left;font-weight:650;font-size:12.5px;padding:0 0 6px;color:var(--text)}
th,td{text-align:left;vertical-align:top;padding:5px 14px 5px 0;border-bottom:1px solid var(--line);font-weight:400}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:11px;font-weight:500;color:var(--secondary);border-bottom-color:var(--line_strong);vertical-align:bottom;line-height:1.25}
thead th.anchor{color:var(--anchor)}thead th.positive{color:var(--positive)}thead th.negative{color:var(--negative)}
.n{text-align:right;white-space:nowrap}
thead .n{white-space:normal}
.s{font-weight:650}
.d{white-space:pre-line;overflow-wrap:anywhere}
.under{font-size:11px;color:var(--secondary);margin:6px 0 0}
.figures{display:flex;flex-wrap:wrap;gap:18px;margin:12px 0 14px}
figure{margin:0;flex:1 1 300px;min-width:0}
figure svg{display:block;width:100%;height:auto}
figcaption{font-size:11px;color:var(--secondary);margin-top:2px}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 6px;padding:0;list-style:none;font-size:11.5px;color:var(--secondary)}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px;vertical-align:-1px}
pre{margin:0 0 12px;padding:13px 15px;background:var(--raised);border:1px solid var(--line);border-radius:6px;font:12px/1.55 ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono",monospace;
white-space:pre-wrap;overflow-wrap:anywhere}
ul.items{margin:0 0 10px;padding-left:20px}
ul.items li{margin:0 0 4px}
footer{border-top:1px solid var(--line);padding-top:12px;color:var(--secondary);font-size:11px}
@media screen and (max-width:640px){.tiles{grid-auto-flow:row;grid-template-columns:repeat(3,minmax(0,1fr))}main{margin:0;border:0;border-radius:0;padding:24px 16px}
.tablebox table{font-size:11.5px}.tablebox th,.tablebox td{padding-right:6px}.tablebox th:last-child,.tablebox td:last-child{padding-right:0}}
@page{size:A4;margin:15mm 15mm 17mm;@bottom-right{content:counter(page) " / " counter(pages);font:9px Inter,"Segoe UI",Arial,sans-serif;color:#5B6472}}
@media print{
html{color-scheme:light}
body{background:#fff;font-size:9.6pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;margin:0;padding:0;border:0;border-radius:0}
nav{display:none}
section{margin-bottom:20px}
.tablebox{overflow:visible}
table{font-size:8.4pt}
caption,.tiles .note,.tiles .label,figcaption,.under,thead th{font-size:7.8pt}
caption{font-size:8.6pt;break-after:avoid}
th,td{padding-top:3px;padding-bottom:3px}
h3{margin-top:14px}
.tablebox{margin:9px 0 11px}
h2,h3,h2+p{break-after:avoid}
p{orphans:3;widows:3}
tr,figure,.figures,.verdict,.tiles,.legend,pre,.whole{break-inside:avoid}
.legend{break-after:avoid}
thead{display:table-header-group}
}
"""


def sheet() -> str:
    """All of it, as the content of a `style` element."""
    light, dark = (_variables(palette) for palette in (LIGHT, DARK))
    # shapes have their light colours themselves
    shapes = "\n".join(
        f".f-{name}{{fill:{value}}}.s-{name}{{stroke:{value}}}" for name, value in DARK.items()
    )
    marks = "\n".join(f".b-{name}{{background:var(--{name})}}" for name in LIGHT)
    return f":root{{{light}}}\n{_SCREEN_DARK}{{:root{{{dark}}}\n{shapes}\n}}\n{marks}\n{_RULES.strip()}\n"


def _variables(palette: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in palette.items())
