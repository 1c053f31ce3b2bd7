namespace LoadTesting.Reports.Html;

/// <summary>How the page looks, by day and by night, on a screen and on paper.</summary>
internal static class PageStyle
{
    /// <summary>The style sheet. Without the characters that XML would escape: a browser does not unescape them here.</summary>
    public const string Css = """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6878; --paper: #f5f6f8; --card: #ffffff; --edge: #dde1e7; --grid: #e8ebef;
          --good: #157f4b; --bad: #b3261e; --one: #1f77b4; --two: #e08a00; --three: #c2410c; --four: #b3261e; --five: #6d4fc2; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa4b2; --paper: #14181d; --card: #1c2229; --edge: #303842; --grid: #29313a;
          --good: #4cc38a; --bad: #ff7b72; --one: #6cb6ff; --two: #f0b429; --three: #ff9e64; --four: #ff7b72; --five: #b39df3; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 24px; max-width: 1080px; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
        h1 { margin: 0; font-size: 26px; }
        h2 { margin: 32px 0 0; font-size: 21px; }
        h3 { margin: 0 0 8px; font-size: 15px; color: var(--soft); font-weight: 600; }
        p { margin: 4px 0 12px; color: var(--soft); }
        .verdict { padding: 2px 12px; border-radius: 14px; font-size: 17px; color: #ffffff; background: var(--bad); vertical-align: 3px; }
        .verdict.passed { background: var(--good); }
        .verdict.stopped { background: var(--soft); }
        .failures { border-left: 4px solid var(--bad); padding: 4px 12px; background: var(--card); color: var(--bad); }
        .failures ul { margin: 4px 0; padding-left: 18px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(165px, 1fr)); gap: 12px; margin: 12px 0; }
        .tile, .card { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: 12px 14px; break-inside: avoid; }
        .card { margin: 12px 0; }
        .tile .name { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
        .tile .value { font-size: 22px; font-variant-numeric: tabular-nums; }
        .tile .unit { color: var(--soft); font-size: 13px; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }
        th, td { padding: 4px 12px 4px 0; text-align: right; white-space: nowrap; }
        th:first-child, td:first-child, td.text { text-align: left; }
        td.text { white-space: normal; overflow-wrap: anywhere; }
        thead th { color: var(--soft); font-weight: 600; border-bottom: 1px solid var(--edge); }
        tbody th { font-weight: 600; color: var(--soft); }
        tr.missed td { color: var(--bad); }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
        svg .grid { stroke: var(--grid); stroke-width: 1; }
        svg .line { fill: none !important; stroke-width: 1.8; stroke-linejoin: round; }
        svg .dot { stroke: none !important; }
        svg .probe { fill: transparent; }
        svg .probe:hover { fill: var(--soft); fill-opacity: 0.15; }
        .line-1 { stroke: var(--one); fill: var(--one); } .line-2 { stroke: var(--two); fill: var(--two); } .line-3 { stroke: var(--three); fill: var(--three); }
        .line-4 { stroke: var(--four); fill: var(--four); } .line-5 { stroke: var(--five); fill: var(--five); }
        @media print { body { max-width: none; padding: 0; } }
        """;
}
