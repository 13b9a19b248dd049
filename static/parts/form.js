export default {template: '#spirekeeper-form'}
