"""Many repositories: which there are, who audits them, what came of each, and all of it as one report."""
