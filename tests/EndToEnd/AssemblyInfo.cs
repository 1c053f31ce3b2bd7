// Whole systems on two cores: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
