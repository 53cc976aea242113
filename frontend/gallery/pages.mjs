// Every kind of page the site has, with invented content, for looking at the design.
import { page } from "./shell.mjs";

const records = [
  ["shell", "Coiled shell of a sea snail", "Tomography · biology", "A. Mendoza, K. Lindqvist", "512 × 512 × 512"],
  ["bone", "Trabecular bone from a femoral head", "Tomography · biology", "R. Okafor, M. Tharp", "768 × 640 × 640"],
  ["foam", "Open-cell aluminium foam under load", "Tomography · materials", "J. Haas", "1024 × 1024 × 900"],
  ["sand", "Porous sandstone, seen by x-rays and neutrons", "Tomography · materials", "S. Watanabe, L. Brandt, P. Nowak", "1200 × 800 × 800"],
  ["fibre", "Glass fibre composite with a growing crack", "Tomography · materials", "I. Petrov", "640 × 640 × 2000"],
  ["seed", "Seed with embryo of Arabidopsis thaliana", "Tomography · biology", "E. Castellanos, H. Vogel", "512 × 512 × 700"],
];

const kinds = [
  ["tomography-biology", "Tomography dataset, biology", "Volumes of organisms, tissue, fossils, plants."],
  ["tomography-materials", "Tomography dataset, materials", "Volumes of metals, rocks, foams, batteries, composites."],
  ["electron-microscopy", "Electron microscopy dataset", "Serial sections, tomograms and density maps."],
  ["publication", "Publication", "An article with the data and pictures behind it."],
  ["reference", "Reference", "A work published elsewhere that records here refer to."],
];

const card = ([picture, title, kind, people, shape]) => `<li class="card">
  <a class="card-picture" href="/entry" tabindex="-1" aria-hidden="true"><img src="/pictures/${picture}.png" alt="" loading="lazy" width="480" height="360"></a>
  <div class="card-body"><p class="eyebrow">${kind}</p><h3 class="card-title"><a href="/entry">${title}</a></h3>
  <p class="card-people">${people}</p><p class="card-meta"><span>2026</span><span>${shape}</span><span class="badge badge-synthetic">synthetic</span></p></div></li>`;

const home = () => page({ title: "Home", signedIn: false, headerSearch: false, body: `
<section class="hero"><div class="wrap hero-columns">
  <div class="hero-words"><h1>Look inside things, without opening them.</h1>
    <p class="lead">Shells, bones, rocks and foams, measured in three dimensions and free to explore, download and cite.</p>
    <form class="hero-search" role="search" action="/search"><label class="visually-hidden" for="q">Search the catalogue</label>
      <input id="q" type="search" name="q" placeholder="Snail, femur, sandstone, a DOI…"><button class="button button-primary" type="submit">Search</button></form>
    <ul class="chips" aria-label="Kinds">${kinds.map(([id, name], at) => `<li><a class="chip" href="/search?kind=${id}">${name} <span class="count">${12 - at * 2}</span></a></li>`).join("")}</ul>
  </div>
  <figure class="hero-object"><a href="/entry"><img class="picture" src="/pictures/shell-square.png" alt="Rendering of a coiled shell" width="640" height="640"></a>
    <figcaption><a href="/entry">Coiled shell of a sea snail</a><span>Micro-CT, 6.5 µm</span></figcaption></figure>
</div></section>
<section class="section"><div class="wrap"><div class="section-head"><h2>Latest datasets</h2><a href="/search">All records</a></div>
  <ul class="card-grid">${records.map(card).join("")}<li class="card"><span class="card-picture card-picture-none" aria-hidden="true">Publication</span><div class="card-body"><p class="eyebrow">Publication</p><h3 class="card-title"><a href="/entry">Caecilian jaw-closing mechanics: integrating two muscle systems</a></h3><p class="card-people">T. Kleinteich, A. Haas, A. P. Summers</p><p class="card-meta"><span>2008</span></p></div></li></ul></div></section>
<section class="section section-tint"><div class="wrap about-band"><div class="prose"><h2>What this is</h2>
  <p>Science 3D keeps volumes from x-ray and neutron tomography and from electron microscopy as they were measured, gives each of them a DOI, and turns them into something anyone can look at in a browser.</p>
  <p>Every picture here can be traced to the original files, their checksums and the program that made it. Data are free to reuse under the licence named on each page.</p><p><a href="/about">Terms and how to take part</a></p></div>
  <dl class="numbers"><div><dt>records</dt><dd>1,204</dd></div><div><dt>volumes to look at</dt><dd>986</dd></div><div><dt>terabytes</dt><dd>41.7</dd></div><div><dt>facilities</dt><dd>18</dd></div></dl></div></section>
<section class="section"><div class="wrap"><div class="section-head"><h2>Upload your own</h2></div><ul class="kind-list">${kinds.map(([id, name, help]) => `<li><a class="kind" href="/deposit?kind=${id}"><strong>${name}</strong><span>${help}</span></a></li>`).join("")}</ul></div></section>` });

const facet = (name, values, chosen = -1) => `<fieldset class="facet"><legend>${name}</legend><ul>${values.map(([value, count], at) => `<li><a class="facet-value" href="?" ${at === chosen ? 'aria-current="true"' : ""}>${value} <span class="count">${count}</span></a></li>`).join("")}</ul></fieldset>`;

const search = () => page({ title: "Search", headerSearch: false, body: `<div class="wrap search-page">
  <form class="search-bar" role="search" action="/search"><label class="visually-hidden" for="q">Search the catalogue</label><input id="q" type="search" name="q" value="shell"><button class="button button-primary">Search</button></form>
  <div class="search-columns">
    <details class="facets"><summary>Filters <span class="count">1</span></summary><form class="facets-body" action="/search">
      ${facet("Kind", [["Tomography, biology", 12], ["Tomography, materials", 9], ["Electron microscopy", 4], ["Publication", 3]], 0)}
      ${facet("Probe", [["x-ray", 21], ["neutron", 2], ["electron", 4]])}
      ${facet("Year", [["2026", 14], ["2025", 9], ["2008", 1]])}
      ${facet("Licence", [["CC BY 4.0", 20], ["CC0 1.0", 8]])}</form></details>
    <section class="results" aria-labelledby="results-title">
      <div class="results-head"><h1 id="results-title" class="results-title">24 records</h1><p class="row"><span class="muted">Sort</span> <a aria-current="true" href="?">best match</a> <a href="?">newest</a></p></div>
      <ul class="chips"><li><a class="chip chip-remove" href="?"><span class="visually-hidden">Remove filter </span>Tomography, biology</a></li></ul>
      <ol class="result-list">${records.map(([picture, title, kind, people, shape]) => `<li class="result"><a class="result-picture" href="/entry" tabindex="-1" aria-hidden="true"><img src="/pictures/${picture}.png" alt="" loading="lazy" width="160" height="120"></a>
        <div class="result-body"><p class="eyebrow">${kind}</p><h2 class="result-title"><a href="/entry">${title}</a></h2><p class="result-people">${people}</p>
        <p class="result-snippet">…the <mark>shell</mark> was scanned dry at 60 kV and reconstructed with filtered back projection; voxels are isotropic…</p>
        <p class="card-meta"><span>2026</span><span>${shape}</span><span class="mono">10.5072/s3d.7k2m-${picture}</span></p></div></li>`).join("")}</ol>
      <nav class="pagination" aria-label="Pages"><a rel="prev" href="?">Previous</a><ol><li><a href="?">1</a></li><li><a href="?" aria-current="page">2</a></li><li><a href="?">3</a></li><li><span>…</span></li><li><a href="?">9</a></li></ol><a rel="next" href="?">Next</a></nav>
    </section></div></div>` });

const fact = ([name, ...values]) => `<div><dt>${name}</dt>${values.map((value) => `<dd>${value}</dd>`).join("")}</div>`;

const entryHead = (badges) => `<header class="entry-head"><p class="badges">${badges}</p><h1 class="entry-title">Coiled shell of a sea snail, complete with operculum</h1>
  <ul class="people"><li><a href="/search">Ana Mendoza</a> <a class="orcid" href="https://orcid.org/0000-0002-1825-0097">ORCID</a></li><li><a href="/search">Karin Lindqvist</a></li><li><a href="/search">Rui Okafor</a></li></ul>
  <p class="entry-doi"><a class="mono" href="https://doi.org/10.5072/s3d.7k2m">10.5072/s3d.7k2m</a> · <time datetime="2026-11-20">20 November 2026</time> · Version 2</p></header>`;

const side = `<aside class="entry-side" aria-label="About this record">
  <section class="side-box"><h2>Look and take</h2><p><a class="button button-primary button-wide" href="/viewer">Open in the viewer</a></p><p><a class="button button-wide" href="?">Download all (2.1 GB)</a></p></section>
  <section class="side-box citation" data-citation><h2>How to cite</h2>
    <div class="citation-style" data-style="APA"><h3>APA</h3><p class="citation-text" id="cite-apa">Mendoza, A., Lindqvist, K., &amp; Okafor, R. (2026). <i>Coiled shell of a sea snail, complete with operculum</i> (Version 2) [Data set]. Science 3D. https://doi.org/10.5072/s3d.7k2m</p><button class="button button-small" type="button" data-copy="#cite-apa" hidden>Copy</button></div>
    <div class="citation-style" data-style="BibTeX"><h3>BibTeX</h3><pre class="citation-text" id="cite-bib" tabindex="0">@dataset{mendoza2026,
  author = {Mendoza, Ana and Lindqvist, Karin},
  title = {Coiled shell of a sea snail},
  year = {2026}, doi = {10.5072/s3d.7k2m}
}</pre><button class="button button-small" type="button" data-copy="#cite-bib" hidden>Copy</button></div>
    <ul class="link-row"><li><a href="?">BibTeX</a></li><li><a href="?">RIS</a></li><li><a href="?">CSL-JSON</a></li></ul></section>
  <section class="side-box"><h2>Licence</h2><p><a href="?">Creative Commons Attribution 4.0</a></p><p class="small muted">You may use and change the data if you name the authors.</p></section>
  <section class="side-box"><h2>Versions</h2><ol class="versions"><li aria-current="true"><a href="?">Version 2</a> <time class="muted">20 Nov 2026</time></li><li><a href="?">Version 1</a> <time class="muted">3 Mar 2026</time></li></ol></section>
  <section class="side-box"><h2>Related</h2><ul class="related"><li><span class="relation">is supplement to</span> <a href="?">Growth rules of logarithmic spirals</a></li></ul></section></aside>`;

const files = `<section class="entry-section" id="files"><div class="section-head"><h2>Files</h2><a class="button button-small" href="?">Download all (2.1 GB)</a></div>
  <nav class="crumbs" aria-label="Folder"><ol><li><a href="?">all files</a></li><li aria-current="page">scan-3</li></ol></nav>
  <div class="table-scroll" tabindex="0" role="region" aria-label="Files"><table class="files"><thead><tr><th scope="col">Name</th><th scope="col" class="number">Size</th><th scope="col">SHA-256</th></tr></thead><tbody>
  <tr class="file-folder"><td><a href="?">slices</a></td><td class="number">2,000 files · 2.1 GB</td><td></td></tr>
  <tr class="file-folder"><td><a href="?">flats</a></td><td class="number">40 files · 83.9 MB</td><td></td></tr>
  <tr><td><a href="?">readme.txt</a></td><td class="number">1.2 kB</td><td><code class="checksum">8899e5674fef…</code></td></tr>
  <tr><td><a href="?">acquisition.log</a></td><td class="number">44.1 kB</td><td><code class="checksum">44450256 27dc…</code></td></tr></tbody></table></div></section>`;

const derived = `<section class="entry-section"><h2>Derived from it</h2><ol class="derivations">
  <li class="derivation"><h3>volume.ome.zarr</h3><p>OME-Zarr 0.5, five levels, 1.4 GB</p><details><summary>How it was made</summary><dl class="facts">${[["Program", "Science 3D 0.1.0"], ["Inputs", "2,000 files in slices/"], ["Chunks", "64³, shards of 256³, zstd"]].map(fact).join("")}</dl></details></li>
  <li class="derivation"><h3>Preview pictures</h3><p>Three slices and a rendering, WebP</p></li></ol></section>`;

const entry = () => page({ title: "Coiled shell", scripts: ["entry.js"], body: `<article class="entry wrap">
  <div class="owner-bar"><p>You own this record.</p><p class="row"><a class="button button-small" href="/deposit">Edit</a><a class="button button-small" href="?">New version</a><a class="button button-small button-danger" href="?">Withdraw</a></p></div>
  ${entryHead('<span class="badge badge-kind">Tomography · biology</span><span class="badge badge-released">released</span><span class="badge badge-synthetic">synthetic</span><span class="badge badge-job">making pictures</span>')}
  <div class="entry-columns"><div class="entry-main">
    <figure class="hero-picture"><a href="/viewer"><img class="picture" src="/pictures/shell-wide.png" alt="Rendering of a coiled shell, cut open" width="960" height="640"><span class="hero-picture-call">Open in the viewer</span></a><figcaption>Volume rendering of the whole shell. The last whorl is 3.1 mm across.</figcaption></figure>
    <ul class="picture-strip">${["z", "y", "x"].map((axis) => `<li><figure><a href="/viewer"><img class="picture" src="/pictures/shell-slice-${axis}.png" alt="Slice through the middle along ${axis}" width="320" height="320"></a><figcaption>middle slice, ${axis}</figcaption></figure></li>`).join("")}</ul>
    <section class="entry-section prose"><h2>What it is</h2><p>A sea snail builds its shell by adding a little more at the opening, always in the same proportion. Cut through the middle, the result is a spiral that looks the same at every size. This scan shows every whorl, the thickness of the wall, and the lid with which the animal closed its door.</p></section>
    <section class="entry-section"><h2>Acquisition</h2><dl class="facts">${[["Technique", "absorption micro-CT"], ["Probe", "x-ray, 60 keV"], ["Facility", "Demo Light Source, beamline 7"], ["Voxel size (z, y, x)", "6.5 × 6.5 × 6.5 µm"], ["Shape (z, y, x)", "512 × 512 × 512"], ["Element type", "16-bit unsigned integer"], ["Organism", "<i>Littorina littorea</i>"], ["Measured", "3 March 2026"]].map(fact).join("")}</dl></section>
    ${files}${derived}</div>${side}</div></article>` });

const closed = () => page({ title: "Closed and withdrawn", body: `<article class="entry wrap">${entryHead('<span class="badge badge-kind">Tomography · biology</span><span class="badge badge-registered">registered</span>')}
  <div class="notice notice-closed"><h2>The files are closed until 1 March 2027, 12:00 UTC</h2><p>The owners have given this dataset its DOI and will open the files on that day. You can cite it now.</p></div>
  <section class="tombstone"><h2>This record was withdrawn</h2><p>The owners found that the scan shows another specimen than described.</p><dl class="facts">${[["Withdrawn", "20 November 2026"], ["DOI", "10.5072/s3d.7k2m"]].map(fact).join("")}</dl></section></article>` });

const field = (id, label, help, control, extra = "", invalid = "") => `<div class="field ${invalid ? "field-invalid" : ""}"><label for="${id}">${label} ${extra}</label><p class="help" id="${id}-help">${help}</p>${invalid ? `<p class="field-error" id="${id}-error">${invalid}</p>` : ""}${control}</div>`;
const required = '<span class="required">required</span>';

const deposit = () => page({ title: "Upload", scripts: ["upload.js", "live.js"], body: `<div class="deposit wrap">
  <div><p class="eyebrow">Tomography dataset, biology · draft</p><h1 class="page-title">Upload your data</h1>
  <div class="error-summary" role="alert" tabindex="-1"><h2>Two things are missing</h2><ul><li><a href="#title">Title: say what it is.</a></li><li><a href="#licence">Licence: choose one.</a></li></ul></div></div>
  <div class="deposit-main">
  <form class="upload" data-upload method="post" enctype="multipart/form-data" action="?" data-record="demo" data-endpoint="/api/v1/uploads" data-check="/api/v1/records/demo/files/check" data-chunk-bytes="67108864" data-lanes="3">
    <div class="dropzone" data-dropzone><p class="dropzone-title">Drop a folder or files here</p><p class="dropzone-help">The folder tree is kept. You can close the page: what has arrived stays, the rest continues when you choose the same folder again.</p>
    <p class="row"><label class="button button-primary dropzone-choose">Choose a folder<input class="visually-hidden" type="file" webkitdirectory multiple data-choose="folder"></label><label class="button dropzone-choose">Choose files<input class="visually-hidden" type="file" name="files" multiple data-choose="files"></label></p><noscript><button class="button" type="submit">Send</button></noscript></div>
    <div data-upload-panel></div></form>
  <section><h2>Unfinished uploads</h2><ul class="unfinished"><li><span class="unfinished-path">slices/slice_0412.tif</span><progress max="100" value="40" aria-label="Arrived of slices/slice_0412.tif"></progress><span class="muted nowrap">40 % of 1.2 GB</span><form method="post" action="?"><button class="button button-small button-danger">Delete</button></form></li></ul></section>
  <div class="job" data-progress="convert"><p class="job-title">Converting to OME-Zarr</p><progress max="100" value="62" aria-label="Converting">62 %</progress><p class="job-says" data-says>slab 31 of 50, about two minutes left</p></div>
  <div class="job job-failed"><p class="job-title">Conversion failed</p><p>slices/slice_0413.tif ends in the middle of its pixel data (1.1 of 1.2 MB). Upload it again, then try again.</p><form method="post" action="?"><button class="button button-small">Try again</button></form></div>
  <form class="form" data-autosave="/api/v1/records/demo">
    ${field("title", "Title", "What it is, as you would say it to a colleague from another field.", '<input id="title" name="title" aria-describedby="title-help title-error" aria-invalid="true">', required, "Say what it is.")}
    ${field("voxel", "Voxel size", "In micrometres: z, y, x.", '<input id="voxel" name="voxel_size_um" value="6.5, 6.5, 6.5" aria-describedby="voxel-help">', '<span class="from-file">read from your file</span>')}
    ${field("about", "In plain words", "Two or three sentences that a pupil can follow.", '<textarea id="about" name="description" aria-describedby="about-help"></textarea>', required)}
    <fieldset class="fieldset"><legend>People</legend><div class="repeat"><div class="field-row">${field("name1", "Name", "Given and family name.", '<input id="name1" name="people[]" value="Ana Mendoza" aria-describedby="name1-help">')}${field("orcid1", "ORCID", "If there is one.", '<input id="orcid1" name="orcid[]" aria-describedby="orcid1-help">')}</div></div><p><button class="button button-small" type="submit">Add a person</button></p></fieldset>
    ${field("licence", "Licence", "What others may do with the data.", '<select id="licence" name="licence" aria-describedby="licence-help"><option value="">Choose…</option><option>CC BY 4.0</option><option>CC0 1.0</option></select>', required)}
    <div class="field check"><input type="checkbox" id="may" name="may"><label for="may">I may publish these data</label></div>
    <details class="more"><summary>More fields (optional)</summary>${field("grant", "Grant", "Number or name.", '<input id="grant" name="grant" aria-describedby="grant-help">')}</details>
  </form></div>
  <div class="action-bar"><div class="action-bar-row"><details class="readiness-box" open><summary>Before registering <span class="count" data-readiness-count="register">2</span></summary><ul class="readiness" data-readiness="register" data-none="Ready to register."><li data-code="title_missing">The title is missing.</li><li data-code="licence_missing">No licence is chosen.</li></ul></details>
    <p class="saved-note" data-saved aria-live="polite">Saved 16:58</p><div class="form-actions"><button class="button button-primary" type="button" aria-disabled="true" data-readiness-button="register">Register</button></div></div></div></div>` });

const kindsPage = () => page({ title: "Choose a kind", body: `<div class="wrap"><h1 class="page-title">Upload</h1><form class="form" action="/deposit"><fieldset class="radio-cards"><legend>What do you want to upload?</legend>${kinds.map(([id, name, help], at) => `<label class="radio-card"><input type="radio" name="kind" value="${id}" ${at === 0 ? "checked" : ""}><span class="radio-card-body"><strong>${name}</strong><span>${help}</span></span></label>`).join("")}</fieldset><div class="form-actions"><button class="button button-primary">Continue</button><a class="button button-quiet" href="/home">Cancel</a></div></form></div>` });

const login = () => page({ title: "Sign in", signedIn: false, body: `<div class="wrap-narrow"><section class="login-card"><h1>Sign in</h1><form class="form" method="post">
  <div class="field"><label for="email">E-mail</label><input id="email" type="email" name="email" autocomplete="username"></div><div class="field"><label for="password">Password</label><input id="password" type="password" name="password" autocomplete="current-password"></div>
  <button class="button button-primary button-wide">Sign in</button></form><p class="small"><a href="?">Forgot the password?</a> · <a href="?">Make an account</a></p></section></div>` });

const account = () => page({ title: "Account", scripts: ["entry.js"], body: `<div class="wrap account"><nav class="account-nav" aria-label="Account"><a aria-current="page" href="?">My records</a><a href="?">API tokens</a><a href="?">Profile</a></nav>
  <div class="account-main"><section><h1 class="page-title">My records</h1><div class="table-scroll" tabindex="0" role="region" aria-label="My records"><table class="table"><thead><tr><th scope="col">Title</th><th scope="col">State</th><th scope="col" class="number">Files</th><th scope="col">Changed</th></tr></thead><tbody>
  <tr><td><a href="/entry">Coiled shell of a sea snail</a></td><td><span class="badge badge-released">released</span></td><td class="number">2,041</td><td class="nowrap">20 Nov 2026</td></tr>
  <tr><td><a href="/deposit">Femur, second try</a></td><td><span class="badge badge-draft">draft</span></td><td class="number">0</td><td class="nowrap">today</td></tr>
  <tr><td><a href="/entry">Sandstone</a></td><td><span class="badge badge-registered">registered</span></td><td class="number">1,800</td><td class="nowrap">3 Nov 2026</td></tr>
  <tr><td><a href="/entry">Wrong specimen</a></td><td><span class="badge badge-withdrawn">withdrawn</span></td><td class="number">12</td><td class="nowrap">1 Oct 2026</td></tr></tbody></table></div></section>
  <section><h2>API tokens</h2><div class="stack"><div class="token-once"><code id="token">s3d_4f9c1d02b7e54a7c8e1f</code><button class="button button-small" type="button" data-copy="#token" hidden>Copy</button></div>
  <p class="notice notice-warning">This is the only time the token is shown.</p><p class="notice notice-good">Your e-mail address is confirmed.</p><p class="notice notice-bad">The address could not be reached.</p><p class="notice">Mail is written to the local outbox.</p></div></section>
  <section><h2>Buttons</h2><p class="row"><button class="button button-primary">Primary</button><button class="button">Secondary</button><button class="button button-danger">Danger</button><button class="button button-quiet">Quiet</button><button class="button" disabled>Disabled</button></p></section></div></div>` });

const api = () => page({ title: "API", body: `<div class="wrap api-docs"><nav class="api-toc" aria-label="Operations"><a href="#list">GET /api/v1/search</a><a href="#create">POST /api/v1/records</a></nav><div class="api-main"><div><h1 class="page-title">API</h1><p class="lead">Everything the pages do, for programs. The whole description is at <a href="?">/api/openapi.json</a>.</p></div>
  <section class="operation" id="list"><h2 class="visually-hidden">Search</h2><h3><span class="method method-get">GET</span> <code>/api/v1/search</code></h3><p>The same query language as the page.</p><div class="table-scroll" tabindex="0" role="region" aria-label="Parameters"><table class="table"><thead><tr><th scope="col">Name</th><th scope="col">Where</th><th scope="col">Meaning</th></tr></thead><tbody><tr><td><code>q</code></td><td>query</td><td>what to look for</td></tr></tbody></table></div><pre class="code" tabindex="0">curl 'http://127.0.0.1:8080/api/v1/search?q=shell'</pre></section>
  <section class="operation" id="create"><h3><span class="method method-post">POST</span> <code>/api/v1/records</code></h3><p>Makes a draft.</p><details><summary>Answers</summary><p>201 with the record.</p></details></section>
  <section class="operation"><h3><span class="method method-put">PUT</span> <span class="method method-delete">DELETE</span> <code>/api/v1/records/{id}</code></h3><p>Changes or removes a draft.</p></section></div></div>` });

const error = () => page({ title: "Not found", body: `<div class="wrap-text error-page"><p class="eyebrow">404</p><h1>Nothing here</h1><p class="lead">There is no record at this address. <a href="/search">Search the catalogue</a> instead.</p></div>` });

const viewer = (query) => page({ title: "Viewer", scripts: ["viewer.js"], styles: ["viewer.css"], headerSearch: false, bodyAttributes: 'class="viewer-page"', body: `<div class="viewer-head"><a href="/entry">← Back to the record</a><h1>Coiled shell of a sea snail</h1></div>
  <div id="viewer" data-volume-url="/volumes/${query.get("volume") ?? "bone"}.ome.zarr/" data-window="${query.get("window") ?? "60,235"}" data-range="${query.get("range") ?? "0,255"}" data-shape="${query.get("shape") ?? "128,128,128"}" data-voxel-um="${query.get("voxel") ?? "1.953125,1.953125,1.953125"}" data-title="Coiled shell of a sea snail">
  <div class="viewer-placeholder">${["z", "y", "x"].map((axis) => `<figure><img class="picture" src="/pictures/bone-slice-${axis}.png" alt="Slice along ${axis}" width="320" height="320"><figcaption>${axis}</figcaption></figure>`).join("")}<noscript><p>The viewer needs JavaScript. The pictures show the middle of the volume.</p></noscript></div></div>` });

export const pages = { home, search, entry, closed, deposit, kinds: kindsPage, login, account, api, error, viewer };
