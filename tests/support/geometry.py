"""Whether a page is laid out as people need it, measured: nothing cut, nothing over another.

No picture is compared, so fonts and machines may differ. Words that end in an ellipsis are meant to
be cut and are left out, as is what is only there for screen readers.
"""

from playwright.sync_api import Page

FAULTS = """() => {
  const faults = [];
  const name = (one) => {
    const words = (one.textContent || one.getAttribute('aria-label') || '').trim().slice(0, 30);
    return `${one.tagName.toLowerCase()}.${String(one.className?.baseVal ?? one.className)
      .replace(/svelte-\\w+/g, '').trim().replace(/ +/g, '.')} « ${words} »`;
  };
  const root = document.documentElement;
  const wide = root.scrollWidth - root.clientWidth;
  if (wide > 0) faults.push(`the page is ${wide} px too wide`);
  const top = document.querySelector('dialog[open]') ?? document.body;
  const shown = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !one.closest('.sr-only, [hidden], svg') && one.getClientRects().length > 0;
  // Words that do not fit their own box, or reach out of a box around them that cuts.
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const box = text.parentElement;
    if (!text.data.trim() || !box || !shown(box)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const words = range.getBoundingClientRect();
    // A box of one pixel is how words are kept for screen readers only.
    if (words.width < 2 || box.getBoundingClientRect().width < 2) continue;
    for (let around = box; around && around !== document.body; around = around.parentElement) {
      const style = getComputedStyle(around);
      if (style.textOverflow === 'ellipsis' && style.overflowX !== 'visible') break;
      const scrolls = /auto|scroll/.test(style.overflowX) || /auto|scroll/.test(style.overflowY);
      if (scrolls || around.matches('[data-cuts]')) break;
      const edge = around.getBoundingClientRect();
      const cuts = /hidden|clip/.test(style.overflowX);
      const framed = parseFloat(style.borderRightWidth) > 0 && style.position !== 'absolute';
      if ((cuts || framed) && words.right > edge.right + 2 && words.left < edge.right) {
        const by = Math.round(words.right - edge.right);
        faults.push(`cut: ${name(box)} reaches ${by} px out of ${name(around)}`);
        break;
      }
      if (style.position === 'absolute' || style.position === 'fixed') break;
    }
  }
  // Controls under each other: one of the two cannot be pressed where it seems to be.
  const controls = [...top.querySelectorAll('button, a[href], input, select, textarea, summary')]
    .filter((one) => shown(one) && !one.matches('.skip, .sr-only, [type=hidden]'));
  for (const one of controls) {
    const box = one.getBoundingClientRect();
    const x = box.left + box.width / 2;
    const y = box.top + box.height / 2;
    const isScrolledAway = (around) => {
      for (; around && around !== document.body; around = around.parentElement) {
        const style = getComputedStyle(around);
        if (style.position === 'fixed') return false;
        if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
        const edge = around.getBoundingClientRect();
        if (x < edge.left || x > edge.right || y < edge.top || y > edge.bottom) return true;
      }
      return false;
    };
    if (isScrolledAway(one.parentElement)) continue;
    if (box.width < 4 || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
    const found = document.elementFromPoint(x, y);
    const other = found?.closest('button, a[href], input, select, textarea, summary');
    if (other && other !== one && !other.contains(one) && !one.contains(other)) {
      // A bar that sticks covers what scrolls beneath it, and lets it go again.
      let bar = other;
      while (bar && getComputedStyle(bar).position !== 'sticky') bar = bar.parentElement;
      if (bar && !bar.contains(one)) continue;
      if (one.labels && [...one.labels].some((label) => label.contains(other))) continue;
      faults.push(`under: ${name(one)} lies under ${name(other)}`);
    }
  }
  return [...new Set(faults)];
}"""


def layout_faults(page: Page) -> list[str]:
    """Return what is cut, covered, or wider than the window; each in words with its element."""
    found: list[str] = page.evaluate(FAULTS)
    return found
