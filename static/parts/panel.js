export default {template: '#spirekeeper-panel'}
