"""Questions computed by the workers of a Dask cluster; nothing here is imported where the config does not ask for it."""
