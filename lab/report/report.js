"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const tip = document.getElementById("tip");
const SVG = document.querySelector("svg").namespaceURI;


function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const text = (x, y, words, attributes = {}) => draw("text", { x, y, ...attributes }, String(words));
const sum = numbers => numbers.reduce((a, b) => a + b, 0);
const number = value => value.toLocaleString("en");
const percent = value => (100 * value).toFixed(value && value < 0.1 ? 1 : 0) + " %";
const day = iso => new Date(iso + "T00:00:00Z").toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const colour = key => `var(--${key.replace(/[^\w-]/g, "")}, var(--closed))`;
const CHANNELS = { sms: "SMS", email: "E-mail", whatsapp: "WhatsApp", voice: "Call" };
const label = code => CHANNELS[code] || (code[0].toUpperCase() + code.slice(1)).replaceAll("_", " ");

/* Round ticks from 0 to at least `most`. */
function ticks(most, about) {
  const raw = Math.max(most, 1) / about, power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, [1, 2, 5, 10].map(n => n * power).find(n => n >= raw));
  return Array.from({ length: Math.ceil(most / step) + 1 || 2 }, (_, i) => i * step);
}
function legend(entries) {
  return make("ul", { class: "legend" }, ...entries.map(([key, words]) =>
    make("li", {}, make("i", { style: `--c: ${colour(key)}` }), words)));
}
function rows(entries) {
  return make("table", {}, ...entries.map(([key, words, value]) => make("tr", {},
    make("td", {}, ...(key ? [make("i", { style: `--c: ${colour(key)}` })] : []), words), make("td", {}, value))));
}
function show(title, content, x, y) {
  tip.replaceChildren(make("b", {}, title), ...[content].flat().filter(Boolean));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(6, Math.min(x + 14, innerWidth - box.width - 6)) + "px";
  tip.style.top = Math.max(6, y - box.height - 12 < 6 ? y + 18 : y - box.height - 12) + "px";
}
const hide = () => { tip.hidden = true; };

/* One focus stop for a chart; the arrow keys walk through its marks. `marks`: {at, tell, hit, mark}. */
function walk(svg, marks, name) {
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", name + " Arrow keys walk through it; the table below has the figures.");
  let place = -1;
  const lit = index => marks.forEach((m, i) => m.mark && m.mark(i === index));
  const tell = (index, event) => {
    const [title, content] = marks[index].tell(), box = svg.getBoundingClientRect(), [x, y] = marks[index].at;
    lit(index);
    show(title, content, event ? event.clientX : box.left + x, event ? event.clientY : box.top + y);
  };
  const away = () => { place = -1; lit(-1); hide(); };
  marks.forEach((m, i) => m.hit && (m.hit.addEventListener("pointermove", e => tell(i, e)), m.hit.addEventListener("pointerleave", away)));
  svg.addEventListener("keydown", e => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (e.key === "Escape") away();
    if (!step || !marks.length) return;
    e.preventDefault();
    place = (place + step + marks.length) % marks.length;
    tell(place);
  });
  svg.addEventListener("blur", away);
  return { tell, away };
}

/* (a) accounts by phase */
function phases(figure, width) {
  const { days, series } = data.phases;
  figure.append(legend(series.map(s => [s.key, s.label])));
  if (days.length < 2) { figure.append(make("p", {}, "The run is shorter than two days: see the table.")); return; }
  const height = width < 560 ? 260 : 360, left = 38, right = 6, top = 8, bottom = 26;
  const totals = days.map((_, i) => sum(series.map(s => s.values[i])));
  const scale = ticks(Math.max(...totals), 5), most = Math.max(...totals, 1);
  const x = i => left + (width - left - right) * i / (days.length - 1);
  const y = v => height - bottom - (height - top - bottom) * v / most;
  const svg = draw("svg", { width, height });
  const base = days.map(() => 0);
  for (const { key, values } of series) {
    const low = base.slice();
    values.forEach((v, i) => { base[i] += v; });
    const there = days.map((_, i) => `${x(i).toFixed(1)},${y(base[i]).toFixed(1)}`);
    const back = days.map((_, i) => `${x(i).toFixed(1)},${y(low[i]).toFixed(1)}`).reverse();
    svg.append(draw("path", { d: `M${there.join("L")}L${back.join("L")}Z`, style: `fill: ${colour(key)}; stroke: var(--card); stroke-width: 1.2` }));
  }
  for (const v of scale) if (v <= most) svg.append(draw("path", { d: `M${left} ${y(v)}H${width - right}`, class: "grid", opacity: v ? .45 : 1 }), text(left - 8, y(v) + 4, v, { "text-anchor": "end", class: "soft" }));
  const every = Math.max(1, Math.ceil(days.length / (width / 90) / 7)) * 7;
  const shift = days.length > 28 ? every : Math.max(1, Math.ceil(days.length / (width / 70)));
  for (let i = 0; i < days.length; i += shift) svg.append(text(x(i), height - 6, day(days[i]), { class: "soft", "text-anchor": i === 0 ? "start" : x(i) > width - 30 ? "end" : "middle" }));
  const cursor = draw("path", { style: "stroke: var(--ink); stroke-width: 1; pointer-events: none", visibility: "hidden" });
  const cover = draw("rect", { x: left, y: top, width: width - left - right, height: height - top - bottom, fill: "transparent" });
  svg.append(cursor, cover);
  const marks = days.map((iso, i) => ({
    at: [x(i), top + 40],
    mark: on => { if (on) { cursor.setAttribute("d", `M${x(i)} ${top}V${height - bottom}`); cursor.setAttribute("visibility", "visible"); } },
    tell: () => [`${day(iso)} · day ${i + 1}`, rows(series.filter(s => s.values[i]).reverse().map(s => [s.key, s.label, number(s.values[i])]))],
  }));
  const { tell, away } = walk(svg, marks, "Accounts by phase for each day of the run.");
  const gone = () => { cursor.setAttribute("visibility", "hidden"); away(); };
  cover.addEventListener("pointermove", e => {
    const at = (e.clientX - svg.getBoundingClientRect().left - left) / (width - left - right);
    tell(Math.max(0, Math.min(days.length - 1, Math.round(at * (days.length - 1)))), e);
  });
  cover.addEventListener("pointerleave", gone);
  svg.addEventListener("blur", gone);
  figure.append(svg);
}

/* (b) contacts by hour */
function hours(figure) {
  const used = [...new Set(data.hours.flatMap(c => c.panels.flatMap(p => Object.keys(p.counts))))].sort();
  figure.append(legend([...used.map(c => [c, label(c)]), ["lawful", "Lawful window"]]));
  for (const country of data.hours) {
    const row = make("div", { class: "country" }, make("h3", {}, country.name));
    figure.append(row);
    const most = Math.max(1, ...country.panels.flatMap(p => Array.from({ length: 24 }, (_, h) => sum(Object.values(p.counts).map(c => c[h])))));
    for (const panel of country.panels) {
      const box = make("div", { class: "panel" }, make("b", {}, panel.label), make("p", {}, `${panel.window} · ${number(panel.total)} contact${panel.total === 1 ? "" : "s"}`));
      row.append(box);
      box.append(clock(country, panel, used, most, box.clientWidth));
    }
  }
}
function clock(country, panel, used, most, width) {
  const height = 132, left = 24, right = 4, top = 10, bottom = 20, floor = height - bottom;
  const x = h => left + (width - left - right) * h / 24, y = v => floor - (floor - top) * v / most;
  const svg = draw("svg", { width, height }), id = `hatch-${country.country}-${panel.kind}`;
  svg.append(draw("defs", {}, draw("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, draw("path", { d: "M0 0V6", style: "stroke: var(--hatch); stroke-width: 3" }))));
  svg.append(draw("rect", { x: left, y: top, width: x(24) - left, height: floor - top, fill: `url(#${id})` }));
  for (const [from, to] of panel.open || []) {
    svg.append(draw("rect", { x: x(from), y: top, width: x(to) - x(from), height: floor - top, style: "fill: var(--card)" }),
      draw("rect", { x: x(from), y: top, width: x(to) - x(from), height: floor - top, style: "fill: var(--lawful)" }),
      draw("path", { d: `M${x(from)} ${top}V${floor}M${x(to)} ${top}V${floor}`, style: "stroke: var(--lawful-edge); stroke-width: 1.5" }));
  }
  const marks = [];
  for (let h = 0; h < 24; h++) {
    const counts = used.map(c => [c, panel.counts[c] ? panel.counts[c][h] : 0]).filter(([, n]) => n);
    let below = 0;
    for (const [channel, n] of counts) {
      const gap = below ? 1 : 0;
      svg.append(draw("rect", { x: x(h) + 1, y: y(below + n), width: Math.max(1, x(1) - x(0) - 2), height: Math.max(.8, y(below) - y(below + n) - gap), rx: 1, style: `fill: ${colour(channel)}` }));
      below += n;
    }
    const hit = draw("rect", { x: x(h), y: top, width: x(1) - x(0), height: floor - top, fill: "transparent" });
    if (counts.length) marks.push({
      hit, at: [x(h), y(below)], mark: on => hit.setAttribute("style", on ? "fill: var(--ink); opacity: .12" : "fill: transparent"),
      tell: () => [`${country.name}, ${panel.label}, ${String(h).padStart(2, "0")}:00–${String(h + 1).padStart(2, "0")}:00`, rows(counts.map(([c, n]) => [c, label(c), number(n)]))],
    });
    marks.length && marks.at(-1).hit === hit && svg.append(hit);
  }
  svg.append(draw("path", { d: `M${left} ${floor}H${x(24)}`, class: "axis" }), text(left - 6, top + 9, most, { "text-anchor": "end", class: "soft" }), text(left - 6, floor, 0, { "text-anchor": "end", class: "soft" }));
  for (const h of [0, 6, 12, 18, 24]) svg.append(text(x(h), height - 5, String(h).padStart(2, "0"), { class: "soft", "text-anchor": h === 24 ? "end" : h ? "middle" : "start" }));
  if (panel.open && !panel.open.length) svg.append(text(x(12), (top + floor) / 2 + 4, panel.total ? "" : "closed, and no contact", { "text-anchor": "middle", class: "soft" }));
  walk(svg, marks, `${country.name}, ${panel.label}: lawful ${panel.window}, ${panel.total} contacts.`);
  return svg;
}

/* (c) bars of shares */
function bars(figure, width, lines, keys, name) {
  figure.append(legend(keys.filter(([key]) => lines.some(l => l.parts[key]))));
  if (!lines.some(l => sum(Object.values(l.parts)))) { figure.append(make("p", {}, "None.")); return; }
  const narrow = width < 520, left = narrow ? 0 : 150, step = narrow ? 56 : 42, thick = 24;
  const svg = draw("svg", { width, height: lines.length * step }), marks = [];
  lines.forEach((line, i) => {
    const total = sum(Object.values(line.parts)) || 1, y = i * step + (narrow ? 22 : 4);
    svg.append(text(0, narrow ? y - 7 : y + 16, line.label, {}), ...(line.note ? [text(narrow ? width : left - 14, narrow ? y - 7 : y + 16, line.note, { "text-anchor": "end", class: "soft" })] : []));
    let done = 0;
    for (const [key, words] of keys) {
      const value = line.parts[key] || 0;
      if (!value) continue;
      const from = left + (width - left) * done / total, size = (width - left) * value / total;
      const hit = draw("rect", { x: from, y, width: Math.max(1.5, size - 1.5), height: thick, rx: 2, style: `fill: ${colour(key)}` });
      svg.append(hit);
      const long = line.said ? line.said[key] : "";
      const inside = long && size > long.length * 7 + 12 ? long : percent(value / total);
      if (size > inside.length * 7 + 12) svg.append(text(from + size / 2, y + 16.5, inside, { "text-anchor": "middle", class: "on", style: `fill: ${["accepted", "unknown", "outstanding", "promised"].includes(key) ? "var(--ink)" : "var(--card)"}; font-weight: 600; pointer-events: none` }));
      marks.push({ hit, at: [from + size / 2, y], mark: on => { hit.style.opacity = on ? .8 : 1; }, tell: () => [line.label, rows([[key, words, line.said ? line.said[key] : `${number(value)} · ${percent(value / total)}`]])] });
      done += value;
    }
  });
  walk(svg, marks, name);
  figure.append(svg);
}
const outcomes = (figure, width) => bars(figure, width, data.outcomes.rows.map(r => ({ label: r.label, note: number(r.total), parts: r.parts })), Object.entries(data.outcomes.states), "Outcomes of attempts by channel.");
function ends(figure, width) {
  const keys = Object.keys(data.ends);
  bars(figure, width, [{ label: "Accounts", note: number(sum(Object.values(data.ends))), parts: data.ends }], ["cured", "open", "handed_off", "closed", "recalled", ...keys.filter(k => !["cured", "open", "handed_off", "closed", "recalled"].includes(k))].map(k => [k, label(k)]), "Accounts by end.");
}
function promises(figure, width) {
  const { kept, broken, open } = data.promises;
  bars(figure, width, [{ label: "Promises", note: number(kept + broken + open), parts: { kept, broken, promised: open } }], [["kept", "Kept"], ["broken", "Broken"], ["promised", "Open"]], "Promises kept and broken.");
}
function money(figure, width) {
  bars(figure, width, data.money.map(m => ({ label: m.currency, note: `${m.cured} of ${m.accounts} cured`, parts: { recovered: m.share, outstanding: Math.max(0, 1 - m.share) }, said: { recovered: `${m.recovered} · ${percent(m.share)}`, outstanding: `of ${m.opened}` } })), [["recovered", "Recovered"], ["outstanding", "Not recovered"]], "Money recovered by currency.");
}

/* (d) one account's life, a voice a line */
const SHAPES = {
  delivered: (x, y) => draw("circle", { cx: x, cy: y, r: 6 }),
  accepted: (x, y) => draw("circle", { cx: x, cy: y, r: 5, class: "hollow" }),
  unknown: (x, y) => draw("path", { d: `M${x} ${y - 7}l7 7l-7 7l-7 -7z`, class: "hollow" }),
  undelivered: (x, y) => draw("path", { d: `M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10`, class: "hollow" }),
  unanswered: (x, y) => draw("path", { d: `M${x - 6} ${y}h12`, class: "hollow" }),
  refused: (x, y) => draw("path", { d: `M${x - 6} ${y - 6}h12v12h-12zM${x - 3} ${y - 3}l6 6M${x + 3} ${y - 3}l-6 6`, class: "hollow" }),
  payment: (x, y) => draw("path", { d: `M${x} ${y - 8}l8 8l-8 8l-8 -8z` }),
  promise: (x, y) => draw("path", { d: `M${x - 1} ${y + 8}V${y - 9}H${x + 11}l-4 4l4 4H${x + 1}V${y + 8}z` }),
  reply: (x, y) => draw("path", { d: `M${x - 8} ${y - 7}h16v11h-8l-5 5v-5h-3z` }),
  opt_out: (x, y) => draw("path", { d: `M${x - 7} ${y}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M${x - 5} ${y + 5}l10 -10`, class: "hollow" }),
};
const ACTS = { payment: "good", promise: "promised", reply: "accent", opt_out: "bad" };
const KEY = [["delivered", "delivered"], ["accepted", "accepted, no receipt"], ["unknown", "outcome unknown"], ["unanswered", "not answered"], ["undelivered", "undelivered"], ["refused", "refused"], ["payment", "payment"], ["promise", "promise, with its days of silence"], ["reply", "reply"], ["opt_out", "opt-out"]];
function shape(kind, x, y, hue) {
  const s = (SHAPES[kind] || SHAPES.delivered)(x, y);
  s.setAttribute("style", s.getAttribute("class") ? `fill: var(--card); stroke: ${hue}; stroke-width: 2.4` : `fill: ${hue}; stroke: var(--card); stroke-width: 1.5`);
  return s;
}
function life(figure, width) {
  const own = data.lives[figure.closest("[data-life]").dataset.life], used = new Set([...own.contacts.map(c => c.state), ...own.events.map(e => e.what)]);
  figure.append(make("ul", { class: "legend" }, ...KEY.filter(([k]) => used.has(k)).map(([k, words]) => make("li", {}, draw("svg", { width: 20, height: 20, "aria-hidden": "true" }, shape(k, 10, 10, ACTS[k] ? `var(--${ACTS[k]})` : "var(--soft)")), words))));
  const lanes = [...new Set(own.contacts.map(c => c.channel)), "customer"], left = width < 560 ? 66 : 84, right = 10, top = 42, gap = 50;
  const height = top + lanes.length * gap + 34, floor = height - 34;
  const xs = [...own.contacts, ...own.events].map(i => i.x).concat(own.closed ? [own.closed.x] : [], own.events.filter(e => e.until).map(e => e.until));
  const from = Math.min(own.bands[0].days[0], ...xs), to = Math.max(own.bands.at(-1).days[1] + 1, ...xs) + 1;
  const end = own.closed && own.closed.x + 6 < to ? Math.max(Math.max(...xs) + 6, from + 40) : to;
  const x = d => left + (width - left - right) * (d - from) / (end - from), lane = c => top + gap * (lanes.indexOf(c) + .5);
  const svg = draw("svg", { width, height }), marks = [];
  for (const band of own.bands) {
    const a = x(band.days[0]), b = Math.min(x(band.days[1] + 1), width - right);
    if (b <= a) continue;
    svg.append(draw("rect", { x: a, y: top - 22, width: b - a - 1, height: 5, rx: 2, style: `fill: ${colour(band.name)}` }), draw("rect", { x: a, y: top - 14, width: b - a - 1, height: floor - top + 14, style: `fill: ${colour(band.name)}; opacity: .1` }));
    if (b - a > band.label.length * 7 + 4) svg.append(text(a + 3, top - 26, band.label, { class: "soft" }));
  }
  for (const name of lanes) svg.append(draw("path", { d: `M${left} ${lane(name)}H${width - right}`, class: "axis", "stroke-width": name === "customer" ? 1 : 1.2 }), text(0, lane(name) + 4, label(name), { style: name === "customer" ? "" : `fill: ${colour(name)}; font-weight: 600` }));
  for (let d = Math.ceil(from / 30) * 30; d <= end; d += 30) svg.append(draw("path", { d: `M${x(d)} ${floor}v5`, class: "axis" }), text(x(d), floor + 19, width < 560 ? d : `day ${d}`, { "text-anchor": "middle", class: "soft" }));
  svg.append(text(0, floor + 19, width < 560 ? "past due" : "past due", { class: "soft" }));
  if (own.closed) svg.append(draw("path", { d: `M${x(own.closed.x)} ${top - 14}V${floor}`, style: "stroke: var(--ink); stroke-width: 1.5" }), text(x(own.closed.x) - 5, floor - 6, own.end, { "text-anchor": "end", style: "font-weight: 600" }));
  for (const e of own.events) if (e.until) svg.append(draw("rect", { x: x(e.x), y: lane("customer") - 3, width: Math.max(2, x(e.until) - x(e.x)), height: 6, rx: 3, style: `fill: var(--${e.state === "kept" ? "kept" : e.state === "broken" ? "broken" : "promised"}); opacity: .75` }));
  own.contacts.forEach((c, i) => { const b = own.contacts[i - 1]; if (c.takes_up && b) svg.append(draw("path", { d: `M${x(b.x)} ${lane(b.channel)}C${x(b.x)} ${(lane(b.channel) + lane(c.channel)) / 2} ${x(c.x)} ${(lane(b.channel) + lane(c.channel)) / 2} ${x(c.x)} ${lane(c.channel)}`, style: "fill: none; stroke: var(--undelivered); stroke-width: 2; stroke-dasharray: 3 3" })); });
  const items = [...own.contacts, ...own.events].sort((a, b) => a.x - b.x);
  for (const item of items) {
    const act = item.what, at = [x(item.x), lane(act ? "customer" : item.channel)];
    const hue = act === "promise" && item.state !== "open" ? `var(--${item.state})` : act ? `var(--${ACTS[act] || "soft"})` : colour(item.channel);
    const mark = shape(act || item.state, ...at, hue), hit = draw("circle", { cx: at[0], cy: at[1], r: 11, fill: "transparent" });
    const ring = draw("circle", { cx: at[0], cy: at[1], r: 11, fill: "none", style: "stroke: var(--ink); stroke-width: 1.5", visibility: "hidden" });
    svg.append(ring, mark, hit);
    marks.push({ hit, at, mark: on => ring.setAttribute("visibility", on ? "visible" : "hidden"), tell: () => act
      ? [item.text, `${item.when} · day ${item.day}`]
      : [`${item.purpose} by ${label(item.channel)}`, [`${item.when} · day ${item.day} · ${item.phase}`, make("br"), item.outcome + (item.takes_up ? ", taken up from a channel that did not reach" : ""), ...(item.cite ? [make("br"), item.cite] : [])]] });
  }
  walk(svg, marks, `The life of account ${own.key}: ${own.contacts.length} contacts, ended ${own.end}.`);
  figure.append(svg);
}

const CHARTS = { phases, hours, outcomes, ends, promises, money, life };
function render() {
  hide();
  for (const figure of document.querySelectorAll("figure")) {
    figure.replaceChildren();
    const width = figure.clientWidth;
    if (width) CHARTS[figure.dataset.chart](figure, width);
  }
}
const select = document.getElementById("account");
function choose() {
  for (const part of document.querySelectorAll("[data-life]")) part.hidden = part.dataset.life !== select.value;
}
if (select) select.addEventListener("change", () => { choose(); render(); });
if (select) choose();
render();
let seen = innerWidth;
addEventListener("resize", () => { if (innerWidth !== seen) { seen = innerWidth; render(); } });
addEventListener("beforeprint", render);
