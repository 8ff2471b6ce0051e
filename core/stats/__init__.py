"""Statistics of posts as plain functions of small tables, usable from a notebook."""

from core.stats.crowd import CROWDS, imitation_strengths
from core.stats.features import Features, default_metrics, fit_features
from core.stats.groups import Moments, by_level, merge, moments, summarise, summarise_many
from core.stats.kmeans import Clustering, cluster, count_distinct, curve, sampled_silhouette, squared_silhouette
from core.stats.knee import Elbow, elbow
from core.stats.peers import FEWEST as FEWEST_PEERS
from core.stats.peers import Peers, fit_peers
from core.stats.scale import Scale, back, on_scale, unit
from core.stats.student import half_width, surely_apart, t_quantile
from core.stats.twogroups import (
    Alternative,
    Difference,
    Standardised,
    Superiority,
    WelchAnova,
    detectable,
    hedges,
    holm,
    posts_needed,
    student,
    superiority,
    t_test,
    welch,
    welch_anova,
)
from core.stats.within import Stratified, clustered_by_account, sides, within_accounts

__all__ = [
    "CROWDS",
    "FEWEST_PEERS",
    "Alternative",
    "Clustering",
    "Difference",
    "Elbow",
    "Features",
    "Moments",
    "Peers",
    "Scale",
    "Standardised",
    "Stratified",
    "Superiority",
    "WelchAnova",
    "back",
    "by_level",
    "cluster",
    "clustered_by_account",
    "count_distinct",
    "curve",
    "default_metrics",
    "detectable",
    "elbow",
    "fit_features",
    "fit_peers",
    "half_width",
    "hedges",
    "holm",
    "imitation_strengths",
    "merge",
    "moments",
    "on_scale",
    "posts_needed",
    "sampled_silhouette",
    "sides",
    "squared_silhouette",
    "student",
    "summarise",
    "summarise_many",
    "superiority",
    "surely_apart",
    "t_quantile",
    "t_test",
    "unit",
    "welch",
    "welch_anova",
    "within_accounts",
]
