namespace Broker.Log;

/// <summary>Sparse places in a segment from which a walk over its batches is short.</summary>
internal interface ISegmentIndex
{
    int Count { get; }

    IndexEntry this[int position] { get; }
}

internal static class SegmentIndexSearch
{
    extension(ISegmentIndex index)
    {
        /// <summary>The last entry at or before <paramref name="relativeOffset"/>.</summary>
        public IndexEntry FloorOfOffset(int relativeOffset)
        {
            var (low, high) = (0, index.Count);
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (index[middle].RelativeOffset <= relativeOffset)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low == 0 ? IndexEntry.Front : index[low - 1];
        }

        /// <summary>The last entry with nothing at or after <paramref name="timestamp"/> in front of it.</summary>
        public IndexEntry FloorOfTimestamp(long timestamp)
        {
            var (low, high) = (0, index.Count);
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (index[middle].MaxTimestampBefore < timestamp)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low == 0 ? IndexEntry.Front : index[low - 1];
        }
    }
}
