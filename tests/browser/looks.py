"""What is wrong with how a page looks: texts on each other or hard to read, figures cut off or half empty."""

from playwright.sync_api import Page

_TEXTS = """
() => {
  const parse = (css) => {
    const mixed = css.match(/color\\(srgb ([^)]+)\\)/);
    if (mixed) {
      const v = mixed[1].split(/[ /]+/).map(Number);
      return [255 * v[0], 255 * v[1], 255 * v[2], v[3] === undefined ? 1 : v[3]];
    }
    const m = css.match(/rgba?\\(([^)]+)\\)/);
    if (!m) return [0, 0, 0, 0];
    const v = m[1].split(/[ ,/]+/).map(Number);
    return [v[0], v[1], v[2], v[3] === undefined ? 1 : v[3]];
  };
  const over = (top, under) => {
    const a = top[3] + under[3] * (1 - top[3]);
    if (a === 0) return [0, 0, 0, 0];
    return [0, 1, 2].map(i => (top[i] * top[3] + under[i] * under[3] * (1 - top[3])) / a).concat(a);
  };
  // The element around another one; a component stands in a shadow root.
  const up = (el) => el.parentElement ?? el.getRootNode().host ?? null;
  const visible = (el) => {
    for (let e = el; e; e = up(e)) {
      const s = getComputedStyle(e);
      if (e.tagName === 'DETAILS' && !e.open && !el.closest('summary')) return false;
      if (s.visibility === 'hidden' || s.display === 'none' || +s.opacity < 0.05) return false;
      if (e.getAttribute('aria-hidden') === 'true' && !e.closest('svg')) return false;
    }
    return true;
  };
  const background = (el, x, y) => {
    let colour = [0, 0, 0, 0];
    for (let e = el; e; e = up(e)) {
      const box = e.getBoundingClientRect();
      // A text can stand beside its parent, as a slider's value does; inline elements have no box to speak of.
      const beside = box.width && (x < box.left || x > box.right || y < box.top || y > box.bottom);
      if (e instanceof HTMLElement && !beside) colour = over(colour, parse(getComputedStyle(e).backgroundColor));
      if (colour[3] > 0.99) break;
    }
    return over(colour, [255, 255, 255, 1]);
  };
  const clipped = (el, r) => {
    let [l, t, ri, b] = [r.left, r.top, r.right, r.bottom];
    for (let e = el; e; e = up(e)) {
      const s = getComputedStyle(e);
      // A plot cuts its texts off with a clip path: a rectangle in the coordinates of the element.
      const path = e instanceof SVGElement && /url\\("?#([^")]+)/.exec(s.clipPath);
      const cut = path && document.getElementById(path[1])?.querySelector('rect');
      if (cut) {
        const m = e.getScreenCTM(), box = cut.getBBox();
        l = Math.max(l, m.e + box.x); t = Math.max(t, m.f + box.y);
        ri = Math.min(ri, m.e + box.x + box.width); b = Math.min(b, m.f + box.y + box.height);
      }
      if (s.overflowX !== 'visible' || s.overflowY !== 'visible') {
        const c = e.getBoundingClientRect();
        l = Math.max(l, c.left); t = Math.max(t, c.top); ri = Math.min(ri, c.right); b = Math.min(b, c.bottom);
      }
    }
    return [l, t, ri, b];
  };
  const found = [];
  const main = document.querySelector('[data-testid=stMain]') || document.body;
  const inside = (root) => {
    const nodes = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) nodes.push(node);
      else if (node.shadowRoot) nodes.push(...inside(node.shadowRoot));
    }
    return nodes;
  };
  for (const node of inside(main)) {
    const text = node.textContent.trim();
    const el = node.parentElement;
    if (!text || !el || ['SCRIPT', 'STYLE', 'TITLE', 'DESC'].includes(el.tagName.toUpperCase())) continue;
    // A tooltip lies over what it explains.
    if (!visible(el) || el.closest('[data-testid=stIconMaterial], [role=tooltip]')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const svg = el.closest('svg');
    const style = getComputedStyle(el);
    let fill = parse(svg ? style.fill : style.color);
    let opacity = 1;
    for (let e = el; e; e = up(e)) opacity *= +getComputedStyle(e).opacity;
    fill = [fill[0], fill[1], fill[2], fill[3] * opacity];
    for (const r of range.getClientRects()) {
      const [l, t, ri, b] = clipped(el, r);
      if (ri - l < 2 || b - t < 2) continue;
      const under = background(svg ? up(svg) : el, (l + ri) / 2, (t + b) / 2);
      found.push({text: text.slice(0, 60), box: [l, t, ri, b], colour: over(fill, under), under,
                  disabled: !!el.closest('[disabled], [aria-disabled=true]')});
    }
  }
  return found;
}
"""


def overlapping(page: Page) -> list[str]:
    """Return pairs of texts whose boxes overlap by more than two pixels both ways."""
    texts = page.evaluate(_TEXTS)
    found = []
    for number, one in enumerate(texts):
        for other in texts[number + 1 :]:
            a, b = one["box"], other["box"]
            across = min(a[2], b[2]) - max(a[0], b[0])
            down = min(a[3], b[3]) - max(a[1], b[1])
            # Line boxes of neighbouring lines touch; their letters do not.
            if across > 2 and down > 0.35 * min(a[3] - a[1], b[3] - b[1]):
                found.append(f"{one['text']!r} on {other['text']!r}")
    return found


def hard_to_read(page: Page, least: float = 4.5) -> list[str]:
    """Return texts whose contrast (WCAG 2.1, 1.4.3) is under `least`; what is disabled may be pale."""
    return [
        f"{text['text']!r} has {contrast(text['colour'], text['under']):.2f}"
        for text in page.evaluate(_TEXTS)
        if not text["disabled"] and contrast(text["colour"], text["under"]) < least
    ]


def contrast(one: list[float], other: list[float]) -> float:
    """Return the contrast ratio of two sRGB colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour[:3])]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


_FIGURES = """
() => [...document.querySelectorAll('.js-plotly-plot')].flatMap((plot) => {
  const outer = plot.getBoundingClientRect();
  const name = plot.closest('[role=figure]')?.ariaLabel?.slice(0, 60) ?? 'a figure';
  const area = plot.querySelector('.nsewdrag')?.getBoundingClientRect();
  if (!outer.width || !area) return [];
  const found = [];
  for (const text of plot.querySelectorAll('svg.main-svg text')) {
    // What is panned out of sight has a clip path; all else that leaves the picture is cut.
    if (text.closest('[clip-path]') || !text.textContent.trim()) continue;
    const r = text.getBoundingClientRect();
    const wide = r.left < outer.left - 2 || r.right > outer.right + 2;
    if (wide || r.top < outer.top - 2 || r.bottom > outer.bottom + 2)
      found.push(`${JSON.stringify(text.textContent)} is cut off in ${name}`);
  }
  const marks = [...plot.querySelectorAll('.mlayer image, .mlayer .point, .mlayer .js-line, .mlayer text')]
    .map((mark) => mark.getBoundingClientRect()).filter((r) => r.width || r.height);
  if (marks.length && !plot.querySelector('.barlayer .point')) { // bars may be short
    const left = Math.max(area.left, Math.min(...marks.map((r) => r.left)));
    const right = Math.min(area.right, Math.max(...marks.map((r) => r.right)));
    const share = (right - left) / area.width;
    if (share < 0.5) found.push(`${name} fills ${Math.round(100 * share)} % of its width`);
  }
  return found;
})
"""


def cut_or_half_empty(page: Page) -> list[str]:
    """Return the figures of which a text is cut off, or of whose width less than a half is used."""
    found: list[str] = page.evaluate(_FIGURES)
    return found
