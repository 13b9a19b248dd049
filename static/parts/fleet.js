export default {template: '#spirekeeper-fleet'}
