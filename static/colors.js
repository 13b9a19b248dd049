// The colours of the page, readable in light and dark: 4.5:1 or more for text (WCAG AA). Quasar's own
// are not: white on its cyan has 1.9:1. Their names stay what markup and scripts use.

// By name: behind text, with the text on it, and as text or icon on a light and on a dark page.
const COLORS = {
  positive: {behind: '#1b7a3d', on: '#fff', light: '#1b7a3d', dark: '#66d68a'},
  negative: {behind: '#c10015', on: '#fff', light: '#c10015', dark: '#ff8a80'},
  warning: {behind: '#f2c037', on: '#000', light: '#8a5a00', dark: '#f2c037'},
  info: {behind: '#0b6a88', on: '#fff', light: '#0b6a88', dark: '#6fd0f0'},
  grey: {behind: '#616161', on: '#fff', light: '#616161', dark: '#bdbdbd'},
  // Of the theme that the operator chose in LNbits, as dark or as light as it has to be.
  primary: {behind: themed('min(l, 0.52)'), on: '#fff', light: themed('min(l, 0.52)'), dark: themed('max(l, 0.75)')}
}
// The label of the field that is typed in, which is on grey.
const TYPED = {light: themed('min(l, 0.45)'), dark: themed('max(l, 0.86)')}
const TOOLTIP = {behind: '#424242', on: '#fff'}

// The page itself, and what Quasar puts beside it; not LNbits' frame around it.
const OURS = ':is(.spirekeeper, .q-dialog, .q-menu, .q-notifications) '

function themed(lightness) {
  return `oklch(from var(--q-primary) ${lightness} c h)`
}

function rules() {
  const fill = ({behind, on}) => `{background: ${behind} !important; color: ${on} !important}`
  return [
    ...Object.entries(COLORS).flatMap(([name, color]) => [
      `${OURS}.bg-${name} ${fill(color)}`,
      `${OURS}.text-${name} {color: ${color.light} !important}`,
      `.body--dark ${OURS}.text-${name} {color: ${color.dark} !important}`
    ]),
    `${OURS}.q-field__control {color: ${TYPED.light}}`,
    `.body--dark ${OURS}.q-field__control {color: ${TYPED.dark}}`,
    `.q-tooltip ${fill(TOOLTIP)}`
  ]
}

// Until the function that it returns is called.
function paint() {
  const sheet = new CSSStyleSheet()
  // A browser that cannot derive a colour from another keeps the theme's.
  const known = rules().filter(rule => !rule.includes('oklch') || CSS.supports('color', themed('l')))
  sheet.replaceSync(known.join('\n'))
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(each => each !== sheet)
  }
}

Object.assign(spirekeeper, {paint})
