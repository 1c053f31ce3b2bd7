using System.ComponentModel.DataAnnotations;
using FsCheck;
using FsCheck.Fluent;

namespace Settings.Tests;

public sealed class SettingsLoaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("settings-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Without_sources_every_setting_keeps_its_default()
    {
        var shop = SettingsLoader.Load<ShopOptions>(new SettingsSources());

        Assert.Equal(8080, shop.Door.Port);
        Assert.Equal(["tea"], shop.Goods);
    }

    [Theory]
    [InlineData("shop.yaml", "door:\n  port: 81\n  closeAfter: 250ms\n  maxBodyBytes: 64MiB\ngoods: [rye, jam]\nlabels:\n  Zone-1: eu\n")]
    [InlineData("shop.yml", "Door:\n  Port: 81\n  close-after: 250ms\n  max_body_bytes: 67108864\nGoods:\n- rye\n- jam\nLabels: {Zone-1: eu}\n")]
    [InlineData("shop.json", """{ "door": { "port": 81, "closeAfter": "00:00:00.250", "maxBodyBytes": "64MiB" }, /* ! */ "goods": ["rye", "jam"], "labels": {"Zone-1": "eu"}, }""")]
    public void A_file_sets_what_it_names(string name, string text)
    {
        var shop = Load(name, text);

        Assert.Equal(81, shop.Door.Port);
        Assert.Equal(TimeSpan.FromMilliseconds(250), shop.Door.CloseAfter);
        Assert.Equal(64 << 20, shop.Door.MaxBodyBytes);
        Assert.Equal(["rye", "jam"], shop.Goods);
        Assert.Equal("eu", shop.Labels["Zone-1"]);
        Assert.Equal("corner", shop.Name);
    }

    [Fact]
    public void The_environment_wins_over_the_file_and_a_flag_over_both()
    {
        var shop = Load(
            "shop.yaml",
            "name: a\nmood: Calm\ndoor:\n  port: 1\n  host: file\n",
            environment: new() { ["STREAMS__Name"] = "b", ["STREAMS__Door__Port"] = "2", ["PATH"] = "/bin" },
            flags: [new("door.port", "3", "--port")]);

        Assert.Equal(("b", 3, "file", Mood.Calm), (shop.Name, shop.Door.Port, shop.Door.Host, shop.Mood));
    }

    [Fact]
    public void Lists_come_from_numbered_variables_and_from_repeated_flags()
    {
        var numbered = Load(null, null, environment: new() { ["STREAMS__Goods__1"] = "jam", ["STREAMS__Goods__0"] = "rye" });
        var repeated = Load(null, null, flags: [new("goods", "rye", "--good"), new("goods", "jam", "--good"), new("goods", "oat", "--good")]);

        Assert.Equal(["rye", "jam"], numbered.Goods);
        Assert.Equal(["rye", "jam", "oat"], repeated.Goods);
    }

    [Fact]
    public void Sections_in_a_list_are_options_of_their_own()
    {
        var shop = Load("shop.yaml", "sideDoors:\n- port: 1\n- port: 2\n  host: back\n");

        Assert.Equal([(1, "front"), (2, "back")], shop.SideDoors.Select(door => (door.Port, door.Host)));
    }

    [Theory]
    [InlineData("shop.yaml", "name: a\ndoor:\n  prot: 81\n", "Unknown setting 'door.prot' (shop.yaml, line 3); did you mean 'port'?")]
    [InlineData("shop.json", "{\n \"door\": {\n  \"prot\": 81 } }", "Unknown setting 'door.prot' (shop.json, line 3); did you mean 'port'?")]
    [InlineData("shop.yaml", "elephants: 3\n", "Unknown setting 'elephants' (shop.yaml, line 1); settings here: door, goods, labels, mood, name, opensAt, sideDoors, tokenFile, vaultToken.")]
    [InlineData("shop.yaml", "door:\n  port: many\n", "Setting 'door.port' (shop.yaml, line 2) is 'many'; expected a whole number up to 2147483647.")]
    [InlineData("shop.yaml", "door:\n  closeAfter: 5\n", "Setting 'door.closeAfter' (shop.yaml, line 2) is '5'; expected a duration such as 250ms, 5s, 1m, 2h, 7d or 00:00:05.")]
    [InlineData("shop.yaml", "door:\n  maxBodyBytes: 3GiB\n", "Setting 'door.maxBodyBytes' (shop.yaml, line 2) is '3GiB'; expected a size such as 64MiB, 500KB or a number of bytes up to 2147483647.")]
    [InlineData("shop.yaml", "mood: Angry\n", "Setting 'mood' (shop.yaml, line 1) is 'Angry'; expected one of Calm, Busy.")]
    [InlineData("shop.yaml", "name: [a, b]\n", "Setting 'name' (shop.yaml, line 1) is a list; expected a single value.")]
    [InlineData("shop.yaml", "door: 81\n", "Setting 'door' (shop.yaml, line 1) is '81'; expected a section of named settings.")]
    [InlineData("shop.yaml", "vaultToken: [hunter2]\n", "Setting 'vaultToken' (shop.yaml, line 1) is something else; expected a single value.")]
    [InlineData("shop.yaml", "door:\n  port: 99999\n", "Setting 'door.port' (shop.yaml, line 2): The port must be from 0 to 65535.")]
    [InlineData("shop.yaml", "name: a\nName: b\n", "shop.yaml, line 2: 'Name' is set twice in the same section.")]
    [InlineData("shop.yaml", "- a\n- b\n", "shop.yaml must hold named settings ('key: value' lines).")]
    [InlineData("shop.json", "[1]", "shop.json must hold one JSON object.")]
    [InlineData("shop.toml", "a = 1", "Cannot tell what shop.toml is by its ending '.TOML'; use .yaml, .yml or .json.")]
    public void A_fault_is_told_with_its_place_and_its_remedy(string name, string text, string expected)
    {
        var fault = Assert.Throws<SetupException>(() => Load(name, text));

        Assert.Equal(expected, fault.Message.Replace(_folder.FullName + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
    }

    [Fact]
    public void Faults_in_the_environment_and_in_flags_name_the_variable_and_the_flag()
    {
        var fault = Assert.Throws<SetupException>(() => Load(
            null,
            null,
            environment: new() { ["STREAMS__Dor__Port"] = "1", ["STREAMS__Door__Host__Name"] = "x" },
            flags: [new("door.port", "x", "--port")]));

        Assert.Equal(
            [
                "Setting 'door.host' (environment variable STREAMS__Door__Host__Name) is a section; expected a single value.",
                "Setting 'door.port' (flag --port) is 'x'; expected a whole number up to 2147483647.",
                "Unknown setting 'Dor' (environment variable STREAMS__Dor__Port); did you mean 'door'?",
            ],
            fault.Message.Split(Environment.NewLine).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("shop.yaml", "name: a\ndoor: [1, 2\n]]", "shop.yaml, line 3: this is not YAML")]
    [InlineData("shop.yaml", "door: {port: 1\nname: a", "shop.yaml: this is not YAML")]
    [InlineData("shop.json", "{ \"door\": {\n \"port\": 1", "shop.json, line 2: this is not JSON")]
    public void A_broken_file_is_told_with_its_line(string name, string text, string expected)
    {
        var fault = Assert.Throws<SetupException>(() => Load(name, text));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_never_anything_else() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), ArbMap.Default.ArbFor<bool>(), (text, json) =>
        {
            try
            {
                Load(json ? "any.json" : "any.yaml", string.Concat(text.Get.Select(c => "{}[]:,-#&*\"' \nab"[c % 16])));
            }
            catch (SetupException)
            {
                // Refused, which is one of the two answers.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_file_of_aliases_that_would_expand_without_end_is_refused()
    {
        var text = "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + string.Join("\n", "bcdefghi".Select((c, i) => $"{c}: &{c} [{string.Join(',', Enumerable.Repeat($"*{"abcdefgh"[i]}", 9))}]"));

        var fault = Assert.Throws<SetupException>(() => Load("bomb.yaml", text));

        Assert.Contains("too many settings", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_and_an_oversized_file_are_told_apart()
    {
        var missing = Assert.Throws<SetupException>(() => SettingsLoader.Load<ShopOptions>(new() { File = "/nowhere/shop.yaml" }));
        var large = Assert.Throws<SetupException>(() => Load("large.yaml", new string('#', SettingsFile.BytesMax + 1)));

        Assert.Equal("There is no settings file /nowhere/shop.yaml.", missing.Message);
        Assert.Contains("Is it the right file?", large.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_left_empty_keeps_the_default_unless_the_setting_may_be_empty()
    {
        var shop = Load("shop.yaml", "name:\ndoor:\nopensAt: ~\n");

        Assert.Equal("corner", shop.Name);
        Assert.Equal(8080, shop.Door.Port);
        Assert.Null(shop.OpensAt);
    }

    [Fact]
    public void Effective_settings_read_back_to_the_same_options_with_secrets_masked()
    {
        var shop = Load("shop.yaml", "name: 'yes: #no'\nvaultToken: hunter2\ndoor:\n  port: 0\n  closeAfter: 90s\n  maxBodyBytes: 3MiB\nlabels: {a: '1', b: ''}\ngoods: []\n");

        var yaml = EffectiveSettings.ToYaml(shop);

        Assert.DoesNotContain("hunter2", yaml, StringComparison.Ordinal);
        Assert.Contains("closeAfter: 90s", yaml, StringComparison.Ordinal);
        Assert.Contains("maxBodyBytes: 3MiB", yaml, StringComparison.Ordinal);
        shop.VaultToken = EffectiveSettings.Mask;
        var again = Load("again.yaml", yaml);
        Assert.Equivalent(shop, again, strict: true);
    }

    private ShopOptions Load(
        string? name,
        string? text,
        Dictionary<string, string>? environment = null,
        IReadOnlyList<SettingFlag>? flags = null)
    {
        var file = name is null ? null : Path.Combine(_folder.FullName, name);
        if (file is not null)
            File.WriteAllText(file, text);
        return SettingsLoader.Load<ShopOptions>(new SettingsSources
        {
            File = file,
            Environment = environment ?? [],
            Flags = flags ?? [],
        });
    }

    internal enum Mood
    {
        Calm,
        Busy,
    }

    private sealed class ShopOptions
    {
        public string Name { get; set; } = "corner";

        public DoorOptions Door { get; set; } = new();

        public List<string> Goods { get; set; } = ["tea"];

        public IReadOnlyList<DoorOptions> SideDoors { get; set; } = [];

        public Dictionary<string, string> Labels { get; } = [];

        public Mood Mood { get; set; } = Mood.Busy;

        public TimeSpan? OpensAt { get; set; } = TimeSpan.FromHours(9);

        public string? VaultToken { get; set; }

        public string? TokenFile { get; set; } = "/run/token";

        public Func<int>? NotASetting { get; set; }
    }

    private sealed class DoorOptions
    {
        public string Host { get; set; } = "front";

        [Range(0, 65535, ErrorMessage = "The port must be from 0 to 65535.")]
        public int Port { get; set; } = 8080;

        public TimeSpan CloseAfter { get; set; } = TimeSpan.FromSeconds(5);

        public int MaxBodyBytes { get; set; } = 1 << 20;
    }
}
