"""The one stylesheet of all pages, served at its own address so that pages need no inline style.

Goes out: the text, and the route that answers it.
"""

from __future__ import annotations

from aiohttp import web

ADDRESS = "/-/forge.css"
STYLE = """
*{box-sizing:border-box}
body{font:15px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;color:#1f2328;margin:0;background:#fff}
header{background:#f6f8fa;border-bottom:1px solid #d1d9e0;padding:12px 32px}
header a{font-weight:600;margin-right:18px}
main{max-width:1100px;margin:24px auto 64px;padding:0 32px}
a{color:#0969da;text-decoration:none}a:hover{text-decoration:underline}
h1{font-size:26px;font-weight:500;line-height:1.3;margin:0 0 10px;overflow-wrap:anywhere}
h2{font-size:18px;margin:32px 0 8px}h3{font-size:15px;margin:16px 0 6px}
.muted{color:#59636e;font-size:13px}
.box{border:1px solid #d1d9e0;border-radius:6px;margin:16px 0;overflow:hidden}
.box>.head{background:#f6f8fa;border-bottom:1px solid #d1d9e0;padding:8px 16px;font-size:13px}
.box>.text{padding:4px 16px;overflow-wrap:anywhere}
.pill{display:inline-block;border-radius:12px;padding:1px 10px;font-size:12px;line-height:20px;background:#ddf4ff;
margin-right:6px;white-space:nowrap}
.pill svg{margin-right:5px}
.open,.success,.clean,.APPROVED{background:#dafbe1;color:#116329}
.closed,.failure,.error,.dirty,.timed_out,.startup_failure,.CHANGES_REQUESTED{background:#ffebe9;color:#82071e}
.merged{background:#fbefff;color:#6639ba}.label{background:#f0f3f6;color:#1f2328}
.queued,.in_progress,.pending,.neutral,.skipped,.cancelled,.action_required,.stale,.blocked,.behind,.unstable,
.warning,.draft,.waiting{background:#fff8c5;color:#7d4e00}
.notice,.COMMENTED,.DISMISSED,.unknown{background:#ddf4ff;color:#0a3069}
table{border-collapse:collapse;width:100%}
td,th{padding:7px 14px;border-top:1px solid #d1d9e0;text-align:left;vertical-align:top}
tr:first-child>td,tr:first-child>th{border-top:0}td.state{width:1%;white-space:nowrap}
.text table{width:auto;margin:10px 0;border:1px solid #d1d9e0}
.text td,.text th{border:1px solid #d1d9e0;padding:5px 12px}
.text th{background:#f6f8fa}
.text .right{text-align:right}.text .center{text-align:center}
.text pre{background:#f6f8fa;border-radius:6px;padding:12px;overflow-x:auto;font-size:12.5px;line-height:1.5}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;background:#eff1f3;border-radius:4px;padding:1px 4px}
pre code{background:none;padding:0}
.text blockquote{border-left:4px solid #d1d9e0;color:#59636e;margin:8px 0;padding:0 14px}
.text h1{font-size:20px;margin:14px 0 6px}.text h2{font-size:17px;margin:14px 0 6px}
li.task{list-style:none;margin-left:-20px}li.task>input,li.task>p>input{margin:0 7px 0 0}
pre.code{font:12px/1.6 ui-monospace,SFMono-Regular,Menlo,monospace;margin:0;overflow-x:auto;padding:8px 0}
pre.code span{display:block;padding:0 16px;white-space:pre;min-width:max-content}
table.diff{font:12px/1.6 ui-monospace,SFMono-Regular,Menlo,monospace;table-layout:fixed}
table.diff td{border:0;padding:0 10px;white-space:pre-wrap;overflow-wrap:anywhere}
table.diff td.no{width:56px;color:#818b98;text-align:right;user-select:none;padding:0 8px}
table.diff tr.note td{font:14px/1.5 system-ui,sans-serif;padding:8px 14px;background:#f6f8fa;
border-top:1px solid #d1d9e0;border-bottom:1px solid #d1d9e0}
.add{background:#dafbe1}.del{background:#ffebe9}.hunk{background:#ddf4ff;color:#59636e}
.added{color:#1a7f37}.removed{color:#cf222e}
.merge{border-width:2px}.merge ul{margin:4px 0;padding-left:22px}
"""


async def stylesheet(request: web.Request) -> web.Response:
    """The stylesheet."""
    headers = {"Cache-Control": "max-age=60", "X-Content-Type-Options": "nosniff"}
    return web.Response(text=STYLE, content_type="text/css", charset="utf-8", headers=headers)
