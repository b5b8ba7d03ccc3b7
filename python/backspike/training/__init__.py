"""How training runs and shows itself: progress in terminals and notebooks, and the loop of losses of your own."""
