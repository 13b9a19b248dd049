// What a comparison with the bunker has found.
const {t, textOr} = spirekeeper

window.app.component('spirekeeper-findings', {
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
})
