"""What the product is measured by: `kpis`, how long any KPI of any window takes."""
