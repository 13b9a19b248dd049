// What a comparison with the bunker has found.
const {t, textOr} = await import(LNbits.utils.url_for('/spirekeeper/static/shared.js'))

export default {
  template: '#spirekeeper-findings',
  props: {report: {type: Object, required: true}},
  computed: {
    summary() {
      const {keys, findings} = this.report
      const which = findings.length ? 'some' : 'all_well'
      return t(`spirekeeper.bunker.compared_${which}`, {keys, n: findings.length})
    }
  },
  methods: {
    words(finding) {
      return textOr(`spirekeeper.bunker.findings.${finding.code}`, finding.words)
    }
  }
}
