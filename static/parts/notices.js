export default {template: '#spirekeeper-notices'}
