// Run in the page by support/barriers.py, after axe-core.

// What people see is what lies on top: a menu, the last dialog, or else the page.
function uppermost() {
  return ['.q-menu', '.q-dialog', '.spirekeeper']
    .map(each => [...document.querySelectorAll(each)].at(-1))
    .find(Boolean)
}

// What axe finds. An action of a panel is named by its label, and described by the sentence below that.
async function barriers() {
  const rules = {
    'label-content-name-mismatch': {enabled: true},
    region: {enabled: false} // landmarks are LNbits' to make
  }
  const {violations} = await axe.run(uppermost(), {resultTypes: ['violations'], preload: false, rules})
  const described = (id, html) => id.startsWith('label-') && html.includes('aria-describedby')
  return violations.flatMap(({id, nodes}) =>
    nodes
      .filter(({html}) => !described(id, html))
      .map(({html, failureSummary}) => `${id}: ${html} ${failureSummary}`)
  )
}

const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true})

function read(color) {
  canvas.clearRect(0, 0, 1, 1)
  canvas.fillStyle = color
  canvas.fillRect(0, 0, 1, 1)
  const [r, g, b, alpha] = canvas.getImageData(0, 0, 1, 1).data
  return {rgb: [r, g, b], alpha: alpha / 255}
}

function lay({rgb, alpha}, under) {
  return rgb.map((part, i) => part * alpha + under[i] * (1 - alpha))
}

function behind(element) {
  const under = element.parentElement ? behind(element.parentElement) : [255, 255, 255]
  const own = lay(read(getComputedStyle(element).backgroundColor), under)
  const {content, opacity, backgroundColor} = getComputedStyle(element, '::before')
  const {rgb, alpha} = read(content === 'none' ? 'transparent' : backgroundColor)
  return lay({rgb, alpha: alpha * opacity}, own)
}

function luminance(rgb) {
  const linear = part => (part > 0.04 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92)
  const [r, g, b] = rgb.map(part => linear(part / 255))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(element) {
  const under = behind(element)
  const pair = [luminance(lay(read(getComputedStyle(element).color), under)), luminance(under)]
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)
}

// WCAG 1.4.3 and 1.4.11.
function needed(element) {
  const {fontSize, fontWeight} = getComputedStyle(element)
  const large = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24)
  return large || element.matches('.q-icon') ? 3 : 4.5
}

// Texts and icons that too little sets apart from what is behind them, but for what is switched off. axe
// does not tell for what lies over other things, as dialogs do.
function faint() {
  const found = new Set()
  const texts = document.createTreeWalker(uppermost(), NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const {data, parentElement: element} = texts.currentNode
    const off = element.closest('.disabled, [disabled], [aria-disabled=true]')
    const shown = data.trim() && !off && element.checkVisibility({opacityProperty: true})
    if (shown && contrast(element) < needed(element)) found.add(element)
  }
  return [...found].map(each => `${contrast(each).toFixed(1)}:1 ${each.outerHTML}`)
}
