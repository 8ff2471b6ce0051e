"""Statistics of posts as plain functions of small tables, usable from a notebook."""

from postlens.core.contract.sentences import Alternative
from postlens.core.stats.accounts import General, in_general
from postlens.core.stats.adjusted import Adjusted, AdjustedLevel, Factor, fit_adjusted
from postlens.core.stats.adjusted_verdicts import adjusted_comparisons, adjusted_verdict, weaker
from postlens.core.stats.bayes import log_bayes_factor
from postlens.core.stats.cells import Cells
from postlens.core.stats.cells import cells as read_cells
from postlens.core.stats.change_parts import ChangeParts, change_parts
from postlens.core.stats.circularity import cut_by_metric, shared_parts, unknown_origin
from postlens.core.stats.clusters.batch_kmeans import (
    Batches,
    Measured,
    calinski_harabasz,
    davies_bouldin,
    measured,
    refine_centres,
    sampled_silhouette,
    squared_silhouette,
)
from postlens.core.stats.clusters.choose_k import Choice, adjusted_rand, choose, rand_of_table, split_half
from postlens.core.stats.clusters.cluster_test import NullCurve, null_curve, structure_test
from postlens.core.stats.clusters.features import (
    ACCOUNT,
    SEARCH,
    FeatureFit,
    Features,
    default_metrics,
    fit_features,
    usual_metrics,
)
from postlens.core.stats.clusters.kmeans import PASSES, Clustering, cluster, count_distinct, curve, stable_order
from postlens.core.stats.clusters.knee import Elbow, elbow
from postlens.core.stats.clusters.null_model import Sampled
from postlens.core.stats.clusters.of_accounts import OfAccounts
from postlens.core.stats.collinearity import nearly_made_of
from postlens.core.stats.comparison import (
    Comparison,
    Level,
    Looks,
)
from postlens.core.stats.comparison import compare as compare_groups
from postlens.core.stats.comparison import query as comparison_query
from postlens.core.stats.crosstab import Association, association
from postlens.core.stats.effect import MIN_POSTS, Effect
from postlens.core.stats.moments import (
    Moments,
    by_level,
    merge,
    moments,
    summarise,
    summarise_many,
    summary_query,
    summary_tables,
)
from postlens.core.stats.multiple import MAIN_METRICS, holm, holm_log, main_grouping, main_metric, share_of_visit
from postlens.core.stats.paired import detectable_by_pairs, paired, paired_power, pairs_needed
from postlens.core.stats.percentiles import MIN_PEERS, Peers, fit_peers
from postlens.core.stats.pieces import PIECE, pieces
from postlens.core.stats.rank_tests import (
    RESAMPLES,
    RankTest,
    TrimmedTest,
    benjamini_hochberg,
    bootstrap_ratio,
    brown_forsythe,
    games_howell,
    kruskal,
    mann_whitney,
    permutation,
    tost,
    yuen,
)
from postlens.core.stats.scale import Scale, from_scale, on_scale, unit
from postlens.core.stats.settle import detectable as smallest_detectable
from postlens.core.stats.shrink import Shrunken, shrunken
from postlens.core.stats.t import half_width, t_quantile
from postlens.core.stats.two_groups import (
    Difference,
    Standardised,
    Superiority,
    WelchAnova,
    detectable,
    hedges,
    posts_needed,
    ratio_of_means,
    student,
    superiority,
    t_test,
    welch,
    welch_anova,
)
from postlens.core.stats.typical import Typical, typical
from postlens.core.stats.undated import Stratified, clustered_by_account, split_groups, within_accounts
from postlens.core.stats.usual import MIN_DAYS, YOUNG_DAYS, Periods, Usual, earlier, periods, stand_alone, usual
from postlens.core.stats.verdicts import (
    allowed_for,
    compared_within,
    follows_text,
    levels_block,
    levels_table,
    posts_named,
    reworded,
    share_text,
    verdict_of,
    verdict_of_all,
)

__all__ = [
    "ACCOUNT",
    "MAIN_METRICS",
    "MIN_DAYS",
    "MIN_PEERS",
    "MIN_POSTS",
    "PASSES",
    "PIECE",
    "RESAMPLES",
    "SEARCH",
    "YOUNG_DAYS",
    "Adjusted",
    "AdjustedLevel",
    "Alternative",
    "Association",
    "Batches",
    "Cells",
    "ChangeParts",
    "Choice",
    "Clustering",
    "Comparison",
    "Difference",
    "Effect",
    "Elbow",
    "Factor",
    "FeatureFit",
    "Features",
    "General",
    "Level",
    "Looks",
    "Measured",
    "Moments",
    "NullCurve",
    "OfAccounts",
    "Peers",
    "Periods",
    "RankTest",
    "Sampled",
    "Scale",
    "Shrunken",
    "Standardised",
    "Stratified",
    "Superiority",
    "TrimmedTest",
    "Typical",
    "Usual",
    "WelchAnova",
    "adjusted_comparisons",
    "adjusted_rand",
    "adjusted_verdict",
    "allowed_for",
    "association",
    "benjamini_hochberg",
    "bootstrap_ratio",
    "brown_forsythe",
    "by_level",
    "calinski_harabasz",
    "change_parts",
    "choose",
    "cluster",
    "clustered_by_account",
    "compare_groups",
    "compared_within",
    "comparison_query",
    "count_distinct",
    "curve",
    "cut_by_metric",
    "davies_bouldin",
    "default_metrics",
    "detectable",
    "detectable_by_pairs",
    "earlier",
    "elbow",
    "fit_adjusted",
    "fit_features",
    "fit_peers",
    "follows_text",
    "from_scale",
    "games_howell",
    "half_width",
    "hedges",
    "holm",
    "holm_log",
    "in_general",
    "kruskal",
    "levels_block",
    "levels_table",
    "log_bayes_factor",
    "main_grouping",
    "main_metric",
    "mann_whitney",
    "measured",
    "merge",
    "moments",
    "nearly_made_of",
    "null_curve",
    "on_scale",
    "paired",
    "paired_power",
    "pairs_needed",
    "periods",
    "permutation",
    "pieces",
    "posts_named",
    "posts_needed",
    "rand_of_table",
    "ratio_of_means",
    "read_cells",
    "refine_centres",
    "reworded",
    "sampled_silhouette",
    "share_of_visit",
    "share_text",
    "shared_parts",
    "shrunken",
    "smallest_detectable",
    "split_groups",
    "split_half",
    "squared_silhouette",
    "stable_order",
    "stand_alone",
    "structure_test",
    "student",
    "summarise",
    "summarise_many",
    "summary_query",
    "summary_tables",
    "superiority",
    "t_quantile",
    "t_test",
    "tost",
    "typical",
    "unit",
    "unknown_origin",
    "usual",
    "usual_metrics",
    "verdict_of",
    "verdict_of_all",
    "weaker",
    "welch",
    "welch_anova",
    "within_accounts",
    "yuen",
]
