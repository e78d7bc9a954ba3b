/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The style of the page. Colours go with shapes and words, never alone. Text
 * does not scale with the drawings, so that it can be read on a small screen.
 */
#ifndef REPORT_HTML_STYLE_H
#define REPORT_HTML_STYLE_H

static const char style_begin[] =
	":root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--dim:#57606a;--line:#d0d7de;"
	"--card:#f6f8fa;--good:#1a7f37;--bad:#b42318;--warn:#9a6700;"
	"--open:#0550ae;--idle:#8c959f}\n"
	"@media (prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#0d1117;--dim:#9198a1;"
	"--line:#3d444d;--card:#161b22;--good:#3fb950;--bad:#ff7b72;--warn:#d29922;--open:#79c0ff;"
	"--idle:#7d8590}}\n"
	"*{box-sizing:border-box}\n"
	"body{font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);"
	"max-width:76rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}\n"
	"h1{font-size:1.6rem;line-height:1.2}"
	"h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}"
	"h3{margin:0 0 .3rem}\n"
	"a{color:var(--open)}small,.dim,.none{color:var(--dim);font-size:.85rem}\n"
	".cards{display:flex;flex-wrap:wrap;gap:.6rem;padding:0;list-style:none}\n"
	".cards li{border:1px solid var(--line);border-top-width:4px;border-radius:6px;"
	"background:var(--card);padding:.4rem .9rem}.cards b{font-size:1.5rem;display:block}\n";

/* between them the colours of the outcomes */
static const char style_end[] =
	".wide{overflow-x:auto;overflow-wrap:normal}table{border-collapse:collapse;margin:.5rem 0}"
	"caption{text-align:left;font-weight:600;padding:.3rem 0}\n"
	"th,td{text-align:left;padding:.25rem .7rem .25rem 0;vertical-align:top;"
	"border-bottom:1px solid var(--line)}td.n,th.n{text-align:right}"
	"td.t,th.t{white-space:nowrap}\n"
	"article{border:1px solid var(--line);border-top-width:4px;border-radius:6px;padding:1rem;"
	"margin:1.2rem 0;background:var(--card)}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.6rem 0}"
	"dt{color:var(--dim)}dd{margin:0}\n"
	".row{display:grid;grid-template-columns:17rem 1fr;gap:.8rem;"
	"align-items:center;margin:.15rem 0}"
	".label small{display:block;line-height:1.2}\n"
	".lane{width:100%;height:1.7rem;background:var(--bg);border:1px solid var(--line)}\n"
	".ticks{display:flex;justify-content:space-between;font-size:.8rem;color:var(--dim)}\n"
	"rect.usable,rect.saved{fill:var(--good)}rect.unusable{fill:var(--warn)}"
	"rect.gone{fill:var(--bad)}"
	"rect.unknown{fill:var(--line)}rect.lapsed{fill:var(--bad)}rect.undecided{fill:var(--open)}"
	"rect.left{fill:var(--line)}rect.stall{fill:var(--open)}path.queue{fill:var(--open)}\n"
	"line{vector-effect:non-scaling-stroke;stroke-width:2}line.lost{stroke:var(--fg);"
	"stroke-dasharray:3 3}line.back{stroke:var(--fg)}"
	"line.deadline{stroke:var(--bad);stroke-width:4}\n"
	".stalls{width:100%}.stalls thead th{white-space:nowrap}"
	".stalls th[scope=row]{white-space:nowrap;font-weight:400;width:16rem}"
	".stalls td.bar{width:60%;padding:0}.stalls svg{width:100%;height:1rem;display:block}\n"
	".key span{display:inline-block;margin-right:1.2rem}.key svg{width:1.6rem;height:1rem;"
	"vertical-align:-.15rem;border:1px solid var(--line);background:var(--bg)}\n"
	"@media (max-width:700px){.row{grid-template-columns:1fr;gap:.1rem}"
	"dl{grid-template-columns:1fr}"
	"dd{margin-bottom:.4rem}article{padding:.6rem}.stalls th[scope=row]{width:auto}"
	".axis .label{display:none}"
	/* a table becomes a list: each row a block, each cell with the name of its column */
	".wide table,.wide tbody,.wide tr,.wide th,.wide td,.wide caption{display:block}"
	".wide thead{display:none}.wide tr{border-bottom:1px solid var(--line);padding:.4rem 0}"
	".wide th,.wide td{border:0;padding:0;overflow-wrap:anywhere;white-space:normal!important}"
	".wide td.n{text-align:left}"
	".wide td[data-name]:not(:empty)::before{content:attr(data-name) \": \";"
	"color:var(--dim)}.wide td[data-name=\"\"]::before{content:none!important}}\n"
	"@media print{:root{color-scheme:light;--fg:#000;--bg:#fff;--dim:#333;--line:#bbb;"
	"--card:#fff;"
	"--good:#1a7f37;--bad:#b42318;--warn:#9a6700;--open:#0550ae;--idle:#777}"
	"body{font-size:10pt;max-width:none;padding:0}"
	"*{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
	"article,tr,.row{break-inside:avoid}h2,h3{break-after:avoid}"
	".row{grid-template-columns:13rem 1fr}"
	".wide{overflow:visible}a{color:inherit;text-decoration:none}}\n";

#endif /* REPORT_HTML_STYLE_H */
