using System.Diagnostics.CodeAnalysis;

namespace Monitor.Queries;

/// <summary>Which labels to look for, as Kubernetes writes it: <c>zone=eu-1,role!=batch,tier in (a,b),gpu,!spot</c>. All parts must hold.</summary>
/// <remarks>
/// <c>!=</c> and <c>notin</c> hold for nodes without the label too. Source: Kubernetes documentation, "Labels and Selectors"; grammar of
/// <c>k8s.io/apimachinery/pkg/labels</c>.
/// </remarks>
internal sealed class LabelSelector
{
    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        Missing,
    }

    /// <summary>Whether all requirements hold for <paramref name="labels"/>.</summary>
    public bool Matches(IDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Holds(labels))
                return false;
        }

        return true;
    }

    /// <summary>Reads a selector; an empty one matches everything.</summary>
    /// <param name="text">The selector.</param>
    /// <param name="selector">It, read.</param>
    /// <param name="fault">What is wrong with it, and where: positions count characters from 1.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out LabelSelector? selector, [NotNullWhen(false)] out string? fault)
    {
        var reader = new Reader(text);
        selector = reader.Read() is { } requirements ? new(requirements) : null;
        fault = reader.Fault;
        return selector is not null;
    }

    private sealed record Requirement(string Label, Operator Operator, IReadOnlyList<string> Values)
    {
        public bool Holds(IDictionary<string, string> labels)
        {
            var present = labels.TryGetValue(Label, out var value);
            return Operator switch
            {
                Operator.In => present && Values.Contains(value!),
                Operator.NotIn => !present || !Values.Contains(value!),
                Operator.Exists => present,
                _ => !present,
            };
        }
    }

    private sealed class Reader(string text)
    {
        private int _at;

        public string? Fault { get; private set; }

        public List<Requirement>? Read()
        {
            var requirements = new List<Requirement>();
            SkipSpace();
            if (_at == text.Length)
                return requirements;

            while (true)
            {
                if (ReadRequirement() is not { } requirement)
                    return null;
                requirements.Add(requirement);
                if (_at == text.Length)
                    return requirements;
                if (!Take(","))
                    return Wrong("',' or the end");
            }
        }

        private Requirement? ReadRequirement()
        {
            if (Take("!"))
                return Word() is { } absent ? new(absent, Operator.Missing, []) : Expected("a label's name after '!'");
            if (Word() is not { } label)
                return Expected("a label's name");

            if (Take("!="))
                return new(label, Operator.NotIn, [Word() ?? ""]);
            if (Take("==") || Take("="))
                return new(label, Operator.In, [Word() ?? ""]);
            if (TakeWord("notin"))
                return Values() is { } others ? new(label, Operator.NotIn, others) : null;
            if (TakeWord("in"))
                return Values() is { } values ? new(label, Operator.In, values) : null;
            return _at == text.Length || text[_at] == ',' ? new(label, Operator.Exists, []) : Expected("'=', '!=', 'in', 'notin' or ','");
        }

        private List<string>? Values()
        {
            if (!Take("("))
                return Wrong<string>("'('");
            var values = new List<string>();
            do
                values.Add(Word() ?? "");
            while (Take(","));
            return Take(")") ? values : Wrong<string>("',' or ')'");
        }

        private string? Word()
        {
            var start = _at;
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '-' or '_' or '.' or '/'))
                _at++;
            if (_at == start)
                return null;

            var word = text[start.._at];
            SkipSpace();
            return word;
        }

        private bool TakeWord(string word)
        {
            var end = _at + word.Length;
            if (end < text.Length && text[end] is not (' ' or '('))
                return false;
            return Take(word);
        }

        private bool Take(string token)
        {
            if (!text.AsSpan(_at).StartsWith(token, StringComparison.Ordinal))
                return false;
            _at += token.Length;
            SkipSpace();
            return true;
        }

        private void SkipSpace()
        {
            while (_at < text.Length && text[_at] is ' ' or '\t')
                _at++;
        }

        private Requirement? Expected(string what)
        {
            Wrong(what);
            return null;
        }

        private List<Requirement>? Wrong(string what) => Wrong<Requirement>(what);

        private List<T>? Wrong<T>(string what)
        {
            var found = _at == text.Length ? "the end" : $"'{text[_at]}'";
            Fault ??= $"label_selector \"{text}\", character {_at + 1}: expected {what}, found {found}.";
            return null;
        }
    }
}
