import Charts

/// The style sheet of the report page: one column, the system's fonts, hairlines, light and dark.
enum HTMLStyle {
    static let sheet =
        ChartTheme.styleSheet(for: ":root") + """

            :root{color-scheme:light dark;--ink:var(--chart-ink);--muted:var(--chart-muted);--line:var(--chart-grid);\
            --surface:var(--chart-surface);--tint:color-mix(in srgb,var(--ink) 4%,var(--surface))}
            *{box-sizing:border-box}
            html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
            body{margin:0;background:var(--surface);color:var(--ink);font:16px/1.6 system-ui,-apple-system,\
            "Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;\
            overflow-wrap:break-word}
            main{max-width:49rem;margin:0 auto;padding:3.5rem 1.25rem 5rem}
            .eyebrow{margin:0;color:var(--muted);font-size:.875rem}
            h1{margin:.25rem 0 1rem;font-size:2rem;line-height:1.2;font-weight:650;letter-spacing:-.018em}
            h2{margin:3.5rem 0 .5rem;font-size:1.25rem;line-height:1.3;font-weight:650;letter-spacing:-.008em}
            h3{margin:2rem 0 .6rem;font-size:1rem;font-weight:600}
            p{margin:0 0 1rem}
            .summary{font-size:1.125rem;line-height:1.6}
            .muted,figcaption,.note{color:var(--muted);font-size:.875rem;line-height:1.5}
            .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(6.4rem,1fr));gap:.75rem 1.5rem;\
            list-style:none;margin:1.75rem 0 0;padding:0}
            .cards li{border-top:3px solid var(--mark);padding-top:.6rem;min-width:0}
            .cards .name{font-weight:600}
            .cards .figure{display:block;font-size:1.625rem;line-height:1.25;font-weight:600;letter-spacing:-.015em}
            .cards .muted{display:block;font-size:.8125rem;line-height:1.4}
            figure{margin:1.5rem 0 0;break-inside:avoid}
            h2+figure,h2+.pair figure{margin-top:.25rem}
            figcaption{margin-top:.4rem}
            /* A chart's own margin of 14 units hangs outside the column, so that its text lines up with the page's. */
            .wide svg{display:block;height:auto;width:103.83%;margin:0 -1.913%;max-width:none!important}
            .narrow svg{display:block;height:auto;width:108.43%;margin:0 -4.217%;max-width:none!important}
            .narrow{display:none}
            .pair{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}
            .pair .wide{display:none}
            .pair .narrow{display:block}
            .scroll{overflow-x:auto;margin:1rem -1.25rem 0;padding:0 1.25rem}
            table{border-collapse:collapse;width:100%;font-size:.9375rem;line-height:1.4}
            th,td{padding:.5rem 0 .5rem 1rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--line)}
            th:first-child,td:first-child{padding-left:0;text-align:left}
            thead th{font-weight:600;border-bottom:1px solid var(--muted);white-space:nowrap}
            thead td{border-bottom-color:var(--muted)}
            tbody th{font-weight:400}
            td{white-space:nowrap}
            small{color:var(--muted);font-size:.8125rem}
            th small{margin-left:.5em}
            td small{display:block;position:relative}
            caption{caption-side:bottom;padding-top:.6rem;text-align:left;color:var(--muted);font-size:.875rem}
            .texts td,.texts th{text-align:left;white-space:normal}
            .texts td,.texts th{min-width:5rem}
            .texts th:first-child{min-width:8rem}
            caption.spoken,.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
            .dot{display:inline-block;width:.6em;height:.6em;border-radius:50%;background:var(--mark);\
            margin-right:.4em}
            [hidden]{display:none!important}
            .filter{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:baseline;margin:.75rem 0 0;\
            font-size:.9375rem}
            .filter p{flex-basis:100%;margin:0}
            .filter output{color:var(--muted)}
            input,select{font:inherit;color:inherit;background:var(--surface);border:1px solid var(--muted);\
            border-radius:6px;padding:.25rem .5rem;max-width:11rem}
            th button{font:inherit;color:inherit;background:none;border:0;padding:0;text-align:inherit;cursor:pointer}
            th button:hover{text-decoration:underline}
            :focus-visible{outline:3px solid var(--chart-series-0);outline-offset:2px}
            #runs th[aria-sort]{box-shadow:inset 0 -2px var(--ink)}
            #runs thead th{white-space:normal;min-width:5.5rem;vertical-align:bottom}
            #runs thead small{display:block;margin:0;font-weight:400}
            #runs{border-collapse:separate;border-spacing:0}
            #runs th:first-child{position:sticky;left:0;background:var(--surface);min-width:8rem}
            .grids{display:grid;grid-template-columns:repeat(var(--columns),minmax(0,1fr));gap:.75rem}
            .grids figure{margin:0;min-width:0}
            .grids figcaption{margin:0 0 .35rem;color:var(--ink)}
            .zoom{display:block;position:relative;cursor:zoom-in}
            .zoom img{display:block;width:100%;height:auto;border-radius:3px;background:#000}
            .zoom input{position:absolute;opacity:0;width:1px;height:1px;margin:0}
            .zoom input:focus-visible+img{outline:3px solid var(--chart-series-0);outline-offset:2px}
            .zoom input:checked+img{position:fixed;inset:0;z-index:9;width:100vw;height:100vh;height:100dvh;\
            padding:max(1rem,env(safe-area-inset-top)) 1rem;object-fit:contain;background:rgb(10 11 13/.96);\
            border-radius:0;cursor:zoom-out;image-rendering:pixelated}
            dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;margin:1rem 0 0;font-size:.9375rem;\
            line-height:1.45}
            dt,dd{margin:0;padding:.4rem 0;border-bottom:1px solid var(--line);min-width:0;overflow-wrap:anywhere}
            dt{color:var(--muted);padding-right:1.5rem}
            pre{margin:1rem 0 0;padding:.9rem 1rem;border-radius:8px;background:var(--tint);\
            border:1px solid var(--line);font:.875rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;\
            white-space:pre-wrap;overflow-wrap:anywhere}
            code{font:inherit}
            code span{white-space:nowrap}
            pre code{-webkit-user-select:all;user-select:all}
            footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--line)}
            p.note{margin:.9rem 0 0}
            ul.notes{margin:.2rem 0 0;padding-left:1.1rem}
            @media(max-width:640px){
            main{padding:2rem 1rem 3.5rem}
            h1{font-size:1.625rem}
            .summary{font-size:1.0625rem}
            .cards{gap:.75rem 1rem}
            .cards .figure{font-size:1.375rem}
            .wide{display:none!important}
            .narrow{display:block}
            .pair{grid-template-columns:1fr;gap:0}
            .scroll{margin-left:-1rem;margin-right:-1rem;padding:0 1rem}
            table{font-size:.875rem}
            th,td{padding-left:.5rem}
            th small{display:block;margin:0}
            .grids{gap:.375rem;grid-template-columns:repeat(min(var(--columns),3),minmax(0,1fr))}
            table:not(#runs) td{white-space:normal}
            dl{grid-template-columns:minmax(7rem,38%) 1fr}
            }
            @media print{
            main{max-width:none;padding:0}
            body{font-size:10.5pt}
            h2,h3{break-after:avoid}
            .wide svg,.narrow svg{width:100%;margin:0}
            h2,h3{margin-top:1.5rem}
            .grids,tr,.cards{break-inside:avoid}
            pre,#runs th:first-child{background:none}
            .filter{display:none}
            .scroll{overflow:visible}
            table{font-size:8.5pt}
            .zoom img{print-color-adjust:exact;-webkit-print-color-adjust:exact}
            }
            """
}
