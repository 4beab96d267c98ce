// Stands in for words of ECharts that no chart of ours shows: Chinese ones for tool buttons and screen readers.
export default {};
